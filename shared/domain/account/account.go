// Package account keeps one person's SFTPGo account as their memberships have
// it: it compares what the account shows with what it should show, and writes
// the difference.
package account

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/digipres/sync-users/shared/domain/secret"
)

// Errors that the servers' adapters return for what is not there, or is there
// already. They are matched with errors.Is.
var (
	ErrNoAccount    = errors.New("no such SFTPGo account")
	ErrNoFolder     = errors.New("no such SFTPGo folder")
	ErrFolderExists = errors.New("the SFTPGo folder exists already")
)

// Account is an SFTPGo user, as far as a sync looks at it.
type Account struct {
	Username string
	// Permissions are those of each virtual path.
	Permissions map[string][]string
	// Folders are the virtual folders mapped for the account itself; those
	// that it has from a group are not among them.
	Folders []Folder
	// Groups are the SFTPGo groups that the account is in.
	Groups []string
	// Record is the whole account as the server sent it. What is not ours in
	// it goes back as it came.
	Record json.RawMessage
}

// Folder is an SFTPGo virtual folder.
type Folder struct {
	Name string
	// Path is where the account shows it; empty for a folder read by itself.
	Path       string
	MappedPath string
	// S3 tells whether the folder's filesystem is S3; what follows is that
	// filesystem's.
	S3          bool
	Bucket      string
	Region      string
	Endpoint    string
	AccessKeyID string
	// Users and Groups are those that the folder is mapped for. The server
	// fills them only for a folder read by itself.
	Users, Groups []string
	// Record is the whole folder as the server sent it.
	Record json.RawMessage
}

// Spec is an S3 folder as it should be.
type Spec struct {
	Name   string
	Bucket string
	Region string
	// Endpoint is that of an S3-compatible store, addressed by path; when
	// empty, a folder keeps the one that it has, which is AWS's own at first.
	Endpoint string
}

// Path is where an account shows the folder.
func (s Spec) Path() string { return "/" + s.Bucket }

// mappedPathRoot is where SFTPGo keeps what it must keep locally for an S3
// folder. The path also marks a folder as one that this program made.
const mappedPathRoot = "/tmp/sftpgo-folders/"

// MappedPath is the local path that belongs to the folder.
func (s Spec) MappedPath() string { return mappedPathRoot + s.Name }

// Keys are a person's AWS keys.
type Keys struct {
	ID     string
	Secret secret.Text
}

// Edit is what changes in an account's own record.
type Edit struct {
	// Unmap are the names of folders that the account no longer shows.
	Unmap []string
	// Map are the folders that it shows from now on, at their Path.
	Map []Spec
	// SetPermissions and DropPermissions are by virtual path.
	SetPermissions    map[string][]string
	RemovePermissions []string
	// Disconnect ends the account's open sessions.
	Disconnect bool
}

// Accounts reads and writes SFTPGo users. Errors are of the kinds Throttled,
// Unavailable, AccessDenied or Unexpected.
type Accounts interface {
	// Account gives the user of that name, or ErrNoAccount.
	Account(ctx context.Context, username string) (*Account, error)
	// EditAccount writes the account's Record with the edit made to it.
	EditAccount(ctx context.Context, account *Account, edit Edit) error
}

// FolderReader reads SFTPGo folders by themselves.
type FolderReader interface {
	// Folder gives the folder of that name with who it is mapped for, or
	// ErrNoFolder.
	Folder(ctx context.Context, name string) (*Folder, error)
}

// FolderWriter writes SFTPGo folders.
type FolderWriter interface {
	// CreateFolder makes a new folder; ErrFolderExists where the name is taken.
	CreateFolder(ctx context.Context, spec Spec, keys Keys) error
	// UpdateFolder writes the folder's Record, made to be as the spec says.
	UpdateFolder(ctx context.Context, folder *Folder, spec Spec, keys Keys) error
	// DeleteFolder removes a folder and its mappings; ErrNoFolder where it is
	// gone already.
	DeleteFolder(ctx context.Context, name string) error
}

// KeyStore reads people's AWS keys.
type KeyStore interface {
	// Keys gives both keys of an IAM user. Keys that are absent or blank are
	// KeysMissing, with a text that names what is missing.
	Keys(ctx context.Context, username string) (Keys, error)
}
