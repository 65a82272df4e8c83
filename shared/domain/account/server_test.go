package account_test

import (
	"context"
	"maps"
	"slices"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/secret"
)

// server is an SFTPGo in memory, empty at first. It keeps to the rules that
// matter here: a mapping needs its folder, and deleting a folder unmaps it.
type server struct {
	accounts map[string]*account.Account
	folders  map[string]account.Folder
	// writes are the calls that changed something, in order.
	writes []string
	// disconnects counts ended sessions by account.
	disconnects map[string]int
	// fail answers a call ("DELETE name", "POST name", "PUT name", "GET name")
	// with an error instead.
	fail func(call string) error
}

var (
	_ account.Accounts     = (*server)(nil)
	_ account.FolderReader = (*server)(nil)
	_ account.FolderWriter = (*server)(nil)
)

func newServer(usernames ...string) *server {
	s := &server{
		accounts:    map[string]*account.Account{},
		folders:     map[string]account.Folder{},
		disconnects: map[string]int{},
		fail:        func(string) error { return nil },
	}
	for _, name := range usernames {
		s.accounts[name] = &account.Account{Username: name, Permissions: map[string][]string{"/": {"*"}}}
	}
	return s
}

// mapped gives an account a folder at its path, as an administrator would.
func (s *server) mapFolder(username string, f account.Folder) {
	record := f
	record.Path = ""
	record.Users = append(s.folders[f.Name].Users, username)
	s.folders[f.Name] = record
	s.accounts[username].Folders = append(s.accounts[username].Folders, f)
}

func (s *server) Account(_ context.Context, username string) (*account.Account, error) {
	if err := s.fail("GET " + username); err != nil {
		return nil, err
	}
	have, ok := s.accounts[username]
	if !ok {
		return nil, account.ErrNoAccount
	}
	got := *have
	got.Permissions = maps.Clone(have.Permissions)
	got.Folders = nil
	for _, mapping := range have.Folders {
		f := s.folders[mapping.Name]
		f.Path, f.Users = mapping.Path, nil
		got.Folders = append(got.Folders, f)
	}
	return &got, nil
}

func (s *server) EditAccount(_ context.Context, a *account.Account, edit account.Edit) error {
	if err := s.write("PUT " + a.Username); err != nil {
		return err
	}
	have := s.accounts[a.Username]
	drop := func(f account.Folder) bool {
		return slices.Contains(edit.Unmap, f.Name) ||
			slices.ContainsFunc(edit.Map, func(spec account.Spec) bool { return spec.Name == f.Name })
	}
	have.Folders = slices.DeleteFunc(slices.Clone(a.Folders), drop)
	for _, spec := range edit.Map {
		have.Folders = append(have.Folders, account.Folder{Name: spec.Name, Path: spec.Path()})
	}
	for _, f := range have.Folders {
		if _, ok := s.folders[f.Name]; !ok {
			return errkind.Errorf(errkind.Unexpected, "mapping of a folder that is not there: %s", f.Name)
		}
	}
	for name, f := range s.folders {
		f.Users = slices.DeleteFunc(f.Users, func(u string) bool { return u == a.Username })
		if slices.ContainsFunc(have.Folders, func(m account.Folder) bool { return m.Name == name }) {
			f.Users = append(f.Users, a.Username)
		}
		s.folders[name] = f
	}
	maps.Copy(have.Permissions, edit.SetPermissions)
	for _, path := range edit.RemovePermissions {
		delete(have.Permissions, path)
	}
	if edit.Disconnect {
		s.disconnects[a.Username]++
	}
	return nil
}

func (s *server) Folder(_ context.Context, name string) (*account.Folder, error) {
	if err := s.fail("GET " + name); err != nil {
		return nil, err
	}
	f, ok := s.folders[name]
	if !ok {
		return nil, account.ErrNoFolder
	}
	return &f, nil
}

func (s *server) CreateFolder(_ context.Context, spec account.Spec, keys account.Keys) error {
	if err := s.write("POST " + spec.Name); err != nil {
		return err
	}
	if _, ok := s.folders[spec.Name]; ok {
		return account.ErrFolderExists
	}
	s.folders[spec.Name] = folder(spec, keys)
	return nil
}

func (s *server) UpdateFolder(_ context.Context, f *account.Folder, spec account.Spec, keys account.Keys) error {
	if err := s.write("PUT " + spec.Name); err != nil {
		return err
	}
	updated := folder(spec, keys)
	updated.Users, updated.Groups = f.Users, f.Groups
	s.folders[spec.Name] = updated
	return nil
}

func (s *server) DeleteFolder(_ context.Context, name string) error {
	if err := s.write("DELETE " + name); err != nil {
		return err
	}
	if _, ok := s.folders[name]; !ok {
		return account.ErrNoFolder
	}
	delete(s.folders, name)
	for _, a := range s.accounts {
		a.Folders = slices.DeleteFunc(a.Folders, func(f account.Folder) bool { return f.Name == name })
	}
	return nil
}

func (s *server) write(call string) error {
	if err := s.fail(call); err != nil {
		return err
	}
	s.writes = append(s.writes, call)
	return nil
}

// paths are where an account shows folders, in order.
func (s *server) paths(username string) []string {
	var paths []string
	for _, f := range s.accounts[username].Folders {
		paths = append(paths, f.Path)
	}
	slices.Sort(paths)
	return paths
}

// folder is what a spec and keys come to.
func folder(spec account.Spec, keys account.Keys) account.Folder {
	return account.Folder{
		Name: spec.Name, MappedPath: spec.MappedPath(), S3: true,
		Bucket: spec.Bucket, Region: spec.Region, Endpoint: spec.Endpoint, AccessKeyID: keys.ID,
	}
}

// keyStore holds access key ids by IAM user.
type keyStore map[string]string

var _ account.KeyStore = keyStore{}

func (k keyStore) Keys(_ context.Context, username string) (account.Keys, error) {
	id, ok := k[username]
	if !ok {
		return account.Keys{}, errkind.Errorf(errkind.KeysMissing, "/iam/access_key/%s is missing", username)
	}
	return account.Keys{ID: id, Secret: secret.New("secret of " + id)}, nil
}
