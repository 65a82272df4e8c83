package sftpgo

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/sftpgo/sdk"
	"github.com/sftpgo/sdk/kms"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/secret"
)

// folderFields are what is looked at in a folder's record.
type folderFields struct {
	Name        string   `json:"name"`
	VirtualPath string   `json:"virtual_path"`
	MappedPath  string   `json:"mapped_path"`
	Users       []string `json:"users"`
	Groups      []string `json:"groups"`
	Filesystem  struct {
		Provider sdk.FilesystemProvider `json:"provider"`
		S3       struct {
			Bucket    string `json:"bucket"`
			Region    string `json:"region"`
			Endpoint  string `json:"endpoint"`
			AccessKey string `json:"access_key"`
		} `json:"s3config"`
	} `json:"filesystem"`
}

// asFolder gives a folder as the domain looks at it.
func asFolder(d document[folderFields]) account.Folder {
	f := d.fields
	s3 := f.Filesystem.S3
	return account.Folder{
		Name:        f.Name,
		Path:        f.VirtualPath,
		MappedPath:  f.MappedPath,
		S3:          f.Filesystem.Provider == sdk.S3FilesystemProvider,
		Bucket:      s3.Bucket,
		Region:      s3.Region,
		Endpoint:    s3.Endpoint,
		AccessKeyID: s3.AccessKey,
		Users:       f.Users,
		Groups:      f.Groups,
		Record:      d.record,
	}
}

// Folder gives the folder of that name with who it is mapped for, or
// account.ErrNoFolder.
func (c *Client) Folder(ctx context.Context, name string) (*account.Folder, error) {
	answer, err := body[document[folderFields]](ctx, c, request{method: http.MethodGet, path: []string{"folders", name}})
	switch {
	case isNoRecord(err):
		return nil, account.ErrNoFolder
	case err != nil:
		return nil, err
	case answer.fields.Name != name:
		return nil, otherName(name, answer.fields.Name)
	}
	folder := asFolder(answer)
	return &folder, nil
}

// CreateFolder makes a new S3 folder; account.ErrFolderExists where the name
// is taken. Without both keys it is KeysMissing, because the server would then
// use a role of its own.
func (c *Client) CreateFolder(ctx context.Context, spec account.Spec, keys account.Keys) error {
	if err := checkKeys(spec, keys); err != nil {
		return err
	}
	record, err := json.Marshal(newFolder(spec, keys))
	if err != nil {
		return errkind.Errorf(errkind.Unexpected, "make the folder %s: %w", spec.Name, err)
	}
	_, err = c.do(ctx, request{
		method: http.MethodPost, path: []string{"folders"}, body: record, hidden: []secret.Text{keys.Secret},
	})
	var answer *Error
	if errors.As(err, &answer) && answer.exists() {
		return account.ErrFolderExists
	}
	return err
}

func newFolder(spec account.Spec, keys account.Keys) sdk.BaseVirtualFolder {
	return sdk.BaseVirtualFolder{
		Name:       spec.Name,
		MappedPath: spec.MappedPath(),
		FsConfig: sdk.Filesystem{
			Provider: sdk.S3FilesystemProvider,
			S3Config: sdk.S3FsConfig{
				BaseS3FsConfig: sdk.BaseS3FsConfig{
					Bucket:         spec.Bucket,
					Region:         spec.Region,
					AccessKey:      keys.ID,
					Endpoint:       spec.Endpoint,
					ForcePathStyle: spec.Endpoint != "",
				},
				AccessSecret: plain(keys.Secret),
			},
		},
	}
}

// UpdateFolder writes the folder's record, made to be as the spec says, with
// those keys; what else is in it stays. Without both keys it is KeysMissing. A
// folder that is gone by now is account.ErrNoFolder, and Unavailable.
func (c *Client) UpdateFolder(ctx context.Context, folder *account.Folder, spec account.Spec, keys account.Keys) error {
	if err := checkKeys(spec, keys); err != nil {
		return err
	}
	record, err := updated(folder.Record, spec, keys)
	if err != nil {
		return errkind.Errorf(errkind.Unexpected, "change the folder %s: %w", spec.Name, err)
	}
	_, err = c.do(ctx, request{
		method: http.MethodPut, path: []string{"folders", spec.Name}, body: record, hidden: []secret.Text{keys.Secret},
	})
	if isNoRecord(err) {
		return gone(account.ErrNoFolder, err)
	}
	return err
}

// updated gives a folder's record as the spec says. An endpoint stays where
// the spec has none. A session token goes, for it belongs to other keys.
func updated(record json.RawMessage, spec account.Spec, keys account.Keys) ([]byte, error) {
	var folder object
	if err := json.Unmarshal(record, &folder); err != nil {
		return nil, err
	}
	filesystem, err := folder.get("filesystem")
	if err != nil {
		return nil, err
	}
	s3, err := filesystem.get("s3config")
	if err != nil {
		return nil, err
	}
	ours := map[string]any{
		"bucket":        spec.Bucket,
		"region":        spec.Region,
		"access_key":    keys.ID,
		"access_secret": plain(keys.Secret),
	}
	if spec.Endpoint != "" {
		ours["endpoint"], ours["force_path_style"] = spec.Endpoint, true
	}
	delete(s3, "session_token")
	if err := s3.setAll(ours); err != nil {
		return nil, err
	}
	if err := filesystem.setAll(map[string]any{"provider": sdk.S3FilesystemProvider, "s3config": s3}); err != nil {
		return nil, err
	}
	if err := folder.setAll(map[string]any{"mapped_path": spec.MappedPath(), "filesystem": filesystem}); err != nil {
		return nil, err
	}
	return json.Marshal(folder)
}

// DeleteFolder removes a folder and its mappings; account.ErrNoFolder where it
// is gone already.
func (c *Client) DeleteFolder(ctx context.Context, name string) error {
	_, err := c.do(ctx, request{method: http.MethodDelete, path: []string{"folders", name}})
	if isNoRecord(err) {
		return account.ErrNoFolder
	}
	return err
}

// checkKeys refuses what would make a folder that the server opens with its
// own role.
func checkKeys(spec account.Spec, keys account.Keys) error {
	if strings.TrimSpace(keys.ID) == "" || strings.TrimSpace(keys.Secret.Reveal()) == "" {
		return errkind.Errorf(errkind.KeysMissing, "the folder %s needs an access key and its secret", spec.Name)
	}
	return nil
}

// plain is a secret as the server takes it, to encrypt it.
func plain(text secret.Text) kms.BaseSecret {
	return kms.BaseSecret{Status: kms.SecretStatusPlain, Payload: text.Reveal()}
}
