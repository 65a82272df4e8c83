package sftpgo

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/sftpgo/sdk"
	"github.com/sftpgo/sdk/kms"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/secret"
)

// folderFields are the fields of a folder's record that are read.
type folderFields struct {
	Name        string   `json:"name"`
	VirtualPath string   `json:"virtual_path"`
	MappedPath  string   `json:"mapped_path"`
	Description string   `json:"description"`
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

func toFolder(r record[folderFields]) account.Folder {
	f, s3 := r.fields, r.fields.Filesystem.S3
	return account.Folder{
		Name:        f.Name,
		Path:        f.VirtualPath,
		MappedPath:  f.MappedPath,
		Description: f.Description,
		S3:          f.Filesystem.Provider == sdk.S3FilesystemProvider,
		Bucket:      s3.Bucket,
		Region:      s3.Region,
		Endpoint:    s3.Endpoint,
		AccessKeyID: s3.AccessKey,
		Users:       f.Users,
		Groups:      f.Groups,
		Record:      r.raw,
	}
}

// Folder returns the folder of that name, with the users and groups that it is
// mapped for, or account.ErrNoFolder.
func (c *Client) Folder(ctx context.Context, name string) (*account.Folder, error) {
	r, err := get[record[folderFields]](ctx, c, "folders", name)
	switch {
	case isRecordNotFound(err):
		return nil, account.ErrNoFolder
	case err != nil:
		return nil, err
	case r.fields.Name != name:
		return nil, nameMismatch(name, r.fields.Name)
	}
	folder := toFolder(r)
	return &folder, nil
}

// foldersPageSize is the most that the server returns in one response.
const foldersPageSize = 500

// ListFolders returns every folder that is wanted, with the users and groups that it
// is mapped for, but without its Record. It reads all folders, page by page.
func (c *Client) ListFolders(ctx context.Context, wanted func(account.Folder) bool) ([]account.Folder, error) {
	var folders []account.Folder
	for offset := 0; ; {
		page, err := fetch[[]folderFields](ctx, c, request{
			method: http.MethodGet, path: []string{"folders"},
			query: url.Values{"limit": {strconv.Itoa(foldersPageSize)}, "offset": {strconv.Itoa(offset)}, "order": {"ASC"}},
		})
		if err != nil {
			return nil, err
		}
		if len(page) == 0 {
			return folders, nil
		}
		for _, fields := range page {
			if folder := toFolder(record[folderFields]{fields: fields}); wanted(folder) {
				folders = append(folders, folder)
			}
		}
		offset += len(page)
	}
}

// CreateFolder creates an S3 folder, or returns account.ErrFolderExists. It returns
// KeysMissing if either key is missing, because the server would then use its own role.
func (c *Client) CreateFolder(ctx context.Context, spec account.Spec, keys account.Keys) error {
	r := request{method: http.MethodPost, path: []string{"folders"}}
	err := c.writeFolder(ctx, r, &account.Folder{Record: json.RawMessage("{}")}, spec, keys)
	var e *Error
	if errors.As(err, &e) && e.isDuplicate() {
		return account.ErrFolderExists
	}
	return err
}

// UpdateFolder writes the folder's record with the spec and keys; the rest of it
// stays. It returns KeysMissing if either key is missing. If the folder no longer
// exists, it returns account.ErrNoFolder as Unavailable.
func (c *Client) UpdateFolder(ctx context.Context, folder *account.Folder, spec account.Spec, keys account.Keys) error {
	r := request{method: http.MethodPut, path: []string{"folders", spec.Name}}
	err := c.writeFolder(ctx, r, folder, spec, keys)
	if isRecordNotFound(err) {
		return noLongerExists(account.ErrNoFolder, err)
	}
	return err
}

// writeFolder makes a request with the folder's record, changed to the spec and keys.
func (c *Client) writeFolder(ctx context.Context, r request, folder *account.Folder, spec account.Spec, keys account.Keys) error {
	if strings.TrimSpace(keys.ID) == "" || strings.TrimSpace(keys.Secret.Reveal()) == "" {
		return errkind.Errorf(errkind.KeysMissing, "the folder %s needs an access key and its secret", spec.Name)
	}
	var err error
	if r.body, err = editFolder(folder.Record, spec, keys, keys.Description(folder.Description)); err != nil {
		return errkind.Errorf(errkind.Unexpected, "change the folder %s: %w", spec.Name, err)
	}
	r.secrets = []secret.Text{keys.Secret}
	return c.write(ctx, r)
}

// editFolder returns a folder's record with the spec, keys and description. The
// endpoint stays if the spec has none. A session token is removed, because it belongs to other keys.
func editFolder(raw json.RawMessage, spec account.Spec, keys account.Keys, description string) ([]byte, error) {
	folder, err := parseObject(raw, &folderFields{})
	if err != nil {
		return nil, err
	}
	folder["name"], folder["mapped_path"], folder["description"] = spec.Name, spec.MappedPath(), description
	filesystem := child(folder, "filesystem")
	filesystem["provider"] = sdk.S3FilesystemProvider
	s3 := child(filesystem, "s3config")
	s3["bucket"], s3["region"] = spec.Bucket, spec.Region
	s3["access_key"] = keys.ID
	s3["access_secret"] = kms.BaseSecret{Status: kms.SecretStatusPlain, Payload: keys.Secret.Reveal()} // The server encrypts it.
	delete(s3, "session_token")
	if spec.Endpoint != "" {
		s3["endpoint"], s3["force_path_style"] = spec.Endpoint, true
	}
	return json.Marshal(folder)
}

// DeleteFolder deletes a folder and its mappings, or returns account.ErrNoFolder.
func (c *Client) DeleteFolder(ctx context.Context, name string) error {
	err := c.write(ctx, request{method: http.MethodDelete, path: []string{"folders", name}})
	if isRecordNotFound(err) {
		return account.ErrNoFolder
	}
	return err
}
