// Package account syncs one SFTPGo account with the stacks of its IAM user: it
// compares the folders and permissions that the account has with those that it
// should have, and writes the difference.
package account

import (
	"context"
	"encoding/json"
	"errors"
)

// Errors that implementations of the interfaces below return, for errors.Is.
var (
	ErrNoAccount    = errors.New("no such SFTPGo account")
	ErrNoFolder     = errors.New("no such SFTPGo folder")
	ErrFolderExists = errors.New("the SFTPGo folder exists already")
)

// Account is what a sync reads of an SFTPGo user.
type Account struct {
	Username string
	// Permissions are by virtual path.
	Permissions map[string][]string
	// Folders are the virtual folders mapped for the account itself, not
	// those that it inherits from a group.
	Folders []Folder
	// Groups are the SFTPGo groups that the account is in.
	Groups []string
	// Record is the whole account as the server sent it.
	Record json.RawMessage
}

// Folder is an SFTPGo virtual folder.
type Folder struct {
	Name string
	// Path is where the account shows it; empty for a folder read by itself.
	Path       string
	MappedPath string
	// S3 reports whether the filesystem is S3. Bucket, Region, Endpoint and
	// AccessKeyID belong to that filesystem.
	S3          bool
	Bucket      string
	Region      string
	Endpoint    string
	AccessKeyID string
	// Description is a text for people; see Keys.Description.
	Description string
	// Users and Groups are those that the folder is mapped for; empty for a
	// folder read with an account.
	Users, Groups []string
	// Record is the whole folder as the server sent it.
	Record json.RawMessage
}

// Spec is the desired state of an S3 folder.
type Spec struct {
	Name   string
	Bucket string
	Region string
	// Endpoint is that of an S3-compatible store, addressed by path. If empty, a
	// new folder uses AWS, and an existing one keeps its endpoint.
	Endpoint string
}

// Path returns where an account shows the folder.
func (s Spec) Path() string { return "/" + s.Bucket }

// mappedPathRoot is the local directory that SFTPGo requires for an S3 folder.
// It also identifies the folders that this program created.
const mappedPathRoot = "/tmp/sftpgo-folders/"

// MappedPath returns the folder's local directory.
func (s Spec) MappedPath() string { return mappedPathRoot + s.Name }

// Edit is a change of an account's own record.
type Edit struct {
	// Unmap are the names of folders whose mappings are removed.
	Unmap []string
	// Map are the folders that are mapped at their Path.
	Map []Spec
	// SetPermissions and RemovePermissions are by virtual path.
	SetPermissions    map[string][]string
	RemovePermissions []string
	// Disconnect ends the account's open sessions.
	Disconnect bool
}

// empty reports whether the edit changes nothing and ends no sessions.
func (e Edit) empty() bool {
	return len(e.Unmap)+len(e.Map)+len(e.SetPermissions)+len(e.RemovePermissions) == 0 && !e.Disconnect
}

// merge returns one edit for both. An edit that revokes unmaps and removes, and one
// that grants maps and sets.
func merge(revoke, grant Edit) Edit {
	return Edit{
		Unmap: revoke.Unmap, RemovePermissions: revoke.RemovePermissions,
		Map: grant.Map, SetPermissions: grant.SetPermissions,
		Disconnect: revoke.Disconnect || grant.Disconnect,
	}
}

// Accounts reads and writes SFTPGo users. Errors are of the kinds Throttled,
// Unavailable, AccessDenied or Unexpected.
type Accounts interface {
	// Account returns the user of that name, or ErrNoAccount.
	Account(ctx context.Context, username string) (*Account, error)
	// EditAccount applies the edit to the account's Record, keeps every field that the edit
	// does not change, and writes it. Parts of the edit that are in effect already change
	// nothing. If the user no longer exists, EditAccount returns ErrNoAccount as Unavailable.
	//
	// The account should have been read just before: the API knows no conditional write, so
	// what an administrator changes meanwhile is lost.
	EditAccount(ctx context.Context, account *Account, edit Edit) error
}

// FolderReader reads SFTPGo folders by themselves.
type FolderReader interface {
	// Folder returns the folder of that name with its Users and Groups, or
	// ErrNoFolder.
	Folder(ctx context.Context, name string) (*Folder, error)
}

// FolderLister lists SFTPGo folders.
type FolderLister interface {
	// ListFolders returns every folder that is wanted, with its Users and Groups, or
	// an error if any part of them could not be read.
	ListFolders(ctx context.Context, wanted func(Folder) bool) ([]Folder, error)
}

// FolderWriter writes SFTPGo folders.
type FolderWriter interface {
	// CreateFolder creates a folder with the Description of the keys. It returns
	// ErrFolderExists if the name is taken.
	CreateFolder(ctx context.Context, spec Spec, keys Keys) error
	// UpdateFolder applies the spec, the keys and their Description to the
	// folder's Record and writes it.
	UpdateFolder(ctx context.Context, folder *Folder, spec Spec, keys Keys) error
	// DeleteFolder deletes a folder and its mappings. It returns ErrNoFolder if
	// there is no such folder.
	DeleteFolder(ctx context.Context, name string) error
}

// KeyStore reads the AWS keys of IAM users.
type KeyStore interface {
	// Keys returns the access key of an IAM user. It returns KeysMissing, with a
	// text that names what is missing, if either part is absent or blank.
	Keys(ctx context.Context, username string) (Keys, error)
}
