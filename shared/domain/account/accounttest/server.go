// Package accounttest provides an SFTPGo server and a key store in memory, for
// tests.
package accounttest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/stack"
	"github.com/digipres/sync-users/shared/domain/syncuser"
)

// Server is an SFTPGo server in memory, empty at first. It follows the rules of
// the real one: PUT replaces a record, POST refuses a name that is taken, a
// mapping needs its folder, and deleting a folder removes its mappings.
//
// Its methods may be called concurrently. Its fields are for tests to set and
// read while no call is running.
type Server struct {
	// Accounts are the accounts by username. Their folders have only a name
	// and a path; the rest is in Folders.
	Accounts map[string]account.Account
	// Folders are the folder records by name, without Path and Users.
	Folders map[string]account.Folder
	// Calls are the calls so far, such as "GET users/alice@example.org".
	Calls []string
	// Disconnects counts the edits that ended an account's sessions.
	Disconnects map[string]int
	// Fault, unless nil, runs before each call. If it returns an error, the call
	// does nothing and returns it.
	Fault func(call string) error

	mu sync.Mutex
}

var (
	_ account.VersionReader = (*Server)(nil)
	_ account.Accounts      = (*Server)(nil)
	_ account.FolderReader  = (*Server)(nil)
	_ account.FolderLister  = (*Server)(nil)
	_ account.FolderWriter  = (*Server)(nil)
)

// NewServer returns a server with accounts as an administrator creates them:
// without folders, and with every permission on their root.
func NewServer(usernames ...string) *Server {
	s := &Server{
		Accounts:    map[string]account.Account{},
		Folders:     map[string]account.Folder{},
		Disconnects: map[string]int{},
	}
	for _, username := range usernames {
		s.AddAccount(username)
	}
	return s
}

// AddAccount adds an account such as those of NewServer.
func (s *Server) AddAccount(username string) {
	s.Accounts[username] = account.Account{Username: username, Permissions: map[string][]string{"/": {"*"}}}
}

// MapFolder writes a folder's record and maps it at its Path for an account, as
// an administrator does.
func (s *Server) MapFolder(username string, folder account.Folder) {
	a := s.Accounts[username]
	a.Folders = append(a.Folders, account.Folder{Name: folder.Name, Path: folder.Path})
	s.Accounts[username] = a
	folder.Path = ""
	s.Folders[folder.Name] = folder
}

// MapBucket maps a bucket for an account as a sync does.
func (s *Server) MapBucket(username string, bucket run.Bucket, accessKeyID string) {
	spec := account.Spec{Name: stack.FolderName(stack.Key(username), bucket.Name), Bucket: bucket.Name, Region: bucket.Region}
	folder := newFolder(spec, account.Keys{ID: accessKeyID})
	folder.Path = spec.Path()
	s.MapFolder(username, folder)
	permissions := s.Accounts[username].Permissions
	permissions["/"], permissions[folder.Path] = []string{"list"}, syncuser.BucketPermissions(bucket.Name)
}

// Paths returns where an account shows folders, in order.
func (s *Server) Paths(username string) []string {
	var paths []string
	for _, folder := range s.Accounts[username].Folders {
		paths = append(paths, folder.Path)
	}
	slices.Sort(paths)
	return paths
}

// FolderUsers returns the accounts that a folder is mapped for, in order.
func (s *Server) FolderUsers(name string) []string {
	var users []string
	for _, username := range slices.Sorted(maps.Keys(s.Accounts)) {
		if slices.ContainsFunc(s.Accounts[username].Folders, func(f account.Folder) bool { return f.Name == name }) {
			users = append(users, username)
		}
	}
	return users
}

// Writes returns the Calls other than GET.
func (s *Server) Writes() []string {
	return slices.DeleteFunc(slices.Clone(s.Calls), func(call string) bool { return strings.HasPrefix(call, "GET ") })
}

// Version implements account.VersionReader.
func (s *Server) Version(context.Context) (string, error) {
	unlock, err := s.begin("GET version")
	if err != nil {
		return "", err
	}
	defer unlock()
	return "2.6.4", nil
}

// Account implements account.Accounts.
func (s *Server) Account(_ context.Context, username string) (*account.Account, error) {
	unlock, err := s.begin("GET users/" + username)
	if err != nil {
		return nil, err
	}
	defer unlock()
	a, ok := s.Accounts[username]
	if !ok {
		return nil, account.ErrNoAccount
	}
	a.Permissions = maps.Clone(a.Permissions)
	a.Folders = slices.Clone(a.Folders)
	for i, mapping := range a.Folders {
		a.Folders[i] = s.Folders[mapping.Name]
		a.Folders[i].Path, a.Folders[i].Groups = mapping.Path, nil
	}
	return &a, nil
}

// EditAccount implements account.Accounts by PutAccount.
func (s *Server) EditAccount(_ context.Context, a *account.Account, edit account.Edit) error {
	next := *a
	next.Folders = slices.DeleteFunc(slices.Clone(a.Folders), func(folder account.Folder) bool {
		return slices.Contains(edit.Unmap, folder.Name) ||
			slices.ContainsFunc(edit.Map, func(spec account.Spec) bool { return spec.Name == folder.Name })
	})
	for _, spec := range edit.Map {
		next.Folders = append(next.Folders, account.Folder{Name: spec.Name, Path: spec.Path()})
	}
	next.Permissions = maps.Clone(a.Permissions)
	maps.Copy(next.Permissions, edit.SetPermissions)
	for _, path := range edit.RemovePermissions {
		delete(next.Permissions, path)
	}
	return s.PutAccount(next, edit.Disconnect)
}

// PutAccount replaces an account.
func (s *Server) PutAccount(a account.Account, disconnect bool) error {
	unlock, err := s.begin("PUT users/" + a.Username)
	if err != nil {
		return err
	}
	defer unlock()
	if _, ok := s.Accounts[a.Username]; !ok {
		return account.ErrNoAccount
	}
	mappings := make([]account.Folder, 0, len(a.Folders))
	for _, folder := range a.Folders {
		if _, ok := s.Folders[folder.Name]; !ok {
			return errkind.Errorf(errkind.Unexpected, "there is no folder %q to map", folder.Name)
		}
		if slices.ContainsFunc(mappings, func(other account.Folder) bool {
			return other.Name == folder.Name || strings.HasPrefix(other.Path+"/", folder.Path+"/") || strings.HasPrefix(folder.Path+"/", other.Path+"/")
		}) {
			return errkind.Errorf(errkind.Unexpected, "the folder %q is mapped twice, or overlaps another", folder.Name)
		}
		mappings = append(mappings, account.Folder{Name: folder.Name, Path: folder.Path})
	}
	a.Folders = mappings
	s.Accounts[a.Username] = a
	if disconnect {
		s.Disconnects[a.Username]++
	}
	return nil
}

// Folder implements account.FolderReader.
func (s *Server) Folder(_ context.Context, name string) (*account.Folder, error) {
	unlock, err := s.begin("GET folders/" + name)
	if err != nil {
		return nil, err
	}
	defer unlock()
	folder, ok := s.Folders[name]
	if !ok {
		return nil, account.ErrNoFolder
	}
	folder.Users = s.FolderUsers(name)
	return &folder, nil
}

// ListFolders implements account.FolderLister.
func (s *Server) ListFolders(_ context.Context, wanted func(account.Folder) bool) ([]account.Folder, error) {
	unlock, err := s.begin("GET folders")
	if err != nil {
		return nil, err
	}
	defer unlock()
	var folders []account.Folder
	for _, name := range slices.Sorted(maps.Keys(s.Folders)) {
		folder := s.Folders[name]
		folder.Users = s.FolderUsers(name)
		if wanted(folder) {
			folders = append(folders, folder)
		}
	}
	return folders, nil
}

// CreateFolder implements account.FolderWriter by PostFolder.
func (s *Server) CreateFolder(_ context.Context, spec account.Spec, keys account.Keys) error {
	return s.PostFolder(newFolder(spec, keys))
}

// UpdateFolder implements account.FolderWriter by PutFolder.
func (s *Server) UpdateFolder(_ context.Context, folder *account.Folder, spec account.Spec, keys account.Keys) error {
	if spec.Endpoint == "" {
		spec.Endpoint = folder.Endpoint
	}
	next := newFolder(spec, keys)
	next.Groups, next.Description = folder.Groups, keys.Description(folder.Description)
	return s.PutFolder(next)
}

// PostFolder adds a folder record.
func (s *Server) PostFolder(folder account.Folder) error {
	unlock, err := s.begin("POST folders/" + folder.Name)
	if err != nil {
		return err
	}
	defer unlock()
	if _, ok := s.Folders[folder.Name]; ok {
		return account.ErrFolderExists
	}
	s.Folders[folder.Name] = folder
	return nil
}

// PutFolder replaces a folder record.
func (s *Server) PutFolder(folder account.Folder) error {
	unlock, err := s.begin("PUT folders/" + folder.Name)
	if err != nil {
		return err
	}
	defer unlock()
	if _, ok := s.Folders[folder.Name]; !ok {
		return account.ErrNoFolder
	}
	s.Folders[folder.Name] = folder
	return nil
}

// DeleteFolder implements account.FolderWriter.
func (s *Server) DeleteFolder(_ context.Context, name string) error {
	unlock, err := s.begin("DELETE folders/" + name)
	if err != nil {
		return err
	}
	defer unlock()
	if _, ok := s.Folders[name]; !ok {
		return account.ErrNoFolder
	}
	delete(s.Folders, name)
	for username, a := range s.Accounts {
		a.Folders = slices.DeleteFunc(a.Folders, func(f account.Folder) bool { return f.Name == name })
		s.Accounts[username] = a
	}
	return nil
}

// begin records a call, runs Fault, and locks the server.
func (s *Server) begin(call string) (unlock func(), err error) {
	s.mu.Lock()
	s.Calls = append(s.Calls, call)
	fault := s.Fault
	s.mu.Unlock()
	if fault != nil {
		if err := fault(call); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	return s.mu.Unlock, nil
}

// newFolder returns the folder that a spec and keys describe.
func newFolder(spec account.Spec, keys account.Keys) account.Folder {
	return account.Folder{
		Name: spec.Name, MappedPath: spec.MappedPath(), S3: true,
		Bucket: spec.Bucket, Region: spec.Region, Endpoint: spec.Endpoint, AccessKeyID: keys.ID,
		Description: keys.Description(""),
	}
}
