package main

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/adapter/awscfn"
	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/explain"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/secret"
	"github.com/digipres/sync-users/shared/domain/stack"
)

// hidden stands in every secret of the town.
const hidden = "wJalrXUtnFEMI"

// town is an AWS account and an SFTPGo server in memory.
type town struct {
	mu      sync.Mutex
	members []discover.IAMUser
	buckets []string
	keys    map[string]string // access key ids in Parameter Store, by IAM user
	// accounts and their folders, by username.
	accounts map[string]*account.Account
	folders  map[string]account.Folder
	// errors are those of a part, by its name.
	errors map[string]error
	// during is called while somebody is synced.
	during func(username string)
	// deployed is nil where no stack is.
	deployed *cloud
}

var (
	_ discover.UserDirectory = (*town)(nil)
	_ discover.BucketLister  = (*town)(nil)
	_ explain.AccessKeys     = (*town)(nil)
	_ account.KeyStore       = (*town)(nil)
	_ account.Accounts       = (*town)(nil)
	_ account.FolderReader   = (*town)(nil)
	_ account.FolderWriter   = (*town)(nil)
	_ administrator          = (*town)(nil)
)

// newTown is a town with somebody in every situation, and a stack deployed.
func newTown() *town {
	t := &town{
		buckets: []string{"digipres-dev1-data", "digipres-dev1-data-repl", "digipres-dev1-managed", "digipres-prod-archive", "website"},
		keys:    map[string]string{}, accounts: map[string]*account.Account{}, folders: map[string]account.Folder{},
		errors: map[string]error{}, during: func(string) {}, deployed: newCloud(),
	}
	const dev, prod = "digipres-dev1-users", "digipres-prod-users"
	t.add("alice", "alice@example.org", dev, "digipres-dev1-power-users", "accounting")
	t.add("bob", "bob@example.org", prod)
	t.add("carol", "carol@example.org", dev)
	t.add("dave", "dave@example.org")
	t.add("erin", "erin@example.org", prod)
	t.add("frank", "", dev)
	t.add("grace", "grace@example.org", "accounting")
	t.add("heidi", "heidi@example.org", dev)
	delete(t.keys, "carol")
	delete(t.accounts, "heidi@example.org")
	t.show("bob@example.org", "digipres-prod-archive", "AKIABOB1")
	t.show("dave@example.org", "digipres-prod-archive", "AKIADAVE1")
	t.show("erin@example.org", "digipres-prod-archive", "AKIAERIN0")
	return t
}

func (t *town) add(username, email string, groups ...string) {
	t.members = append(t.members, discover.IAMUser{Username: username, Email: email, Groups: groups})
	t.keys[username] = "AKIA" + strings.ToUpper(username) + "1"
	t.accounts[email] = &account.Account{Username: email, Permissions: map[string][]string{"/": {"*"}}}
}

// show lets an account show a bucket, as a sync would have.
func (t *town) show(email, bucket, accessKeyID string) {
	a := t.accounts[email]
	spec := account.Spec{Name: stack.FolderName(stack.Key(email), bucket), Bucket: bucket}
	f := account.Folder{
		Name: spec.Name, MappedPath: spec.MappedPath(), S3: true, Bucket: bucket, Region: "us-east-1",
		AccessKeyID: accessKeyID, Users: []string{email},
	}
	t.folders[f.Name] = f
	f.Path = spec.Path()
	a.Folders = append(a.Folders, f)
	a.Permissions["/"], a.Permissions[f.Path] = []string{"list"}, account.BucketPermissions(bucket)
}

func (t *town) IAMUsers(context.Context) ([]discover.IAMUser, error) {
	return t.members, t.errors["iam"]
}

func (t *town) Buckets(_ context.Context, wanted func(string) bool) (buckets []run.Bucket, err error) {
	for _, name := range t.buckets {
		if wanted(name) {
			buckets = append(buckets, run.Bucket{Name: name, Region: "us-east-1"})
		}
	}
	return buckets, t.errors["s3"]
}

func (t *town) AccessKeys(_ context.Context, username string) ([]explain.AccessKey, error) {
	return []explain.AccessKey{{ID: t.keys[username], Active: true}}, t.errors["keys"]
}

func (t *town) Keys(_ context.Context, username string) (account.Keys, error) {
	if err := t.errors["ssm"]; err != nil {
		return account.Keys{}, err
	}
	id, ok := t.keys[username]
	if !ok {
		return account.Keys{}, errkind.Errorf(errkind.KeysMissing, "in Parameter Store, /iam/access_key/%s is missing", username)
	}
	return account.Keys{ID: id, Secret: secret.New(hidden)}, nil
}

func (t *town) Version(context.Context) (string, error) { return "2.6.4", t.errors["sftpgo"] }

func (t *town) CheckPermission(_ context.Context, permission string) error {
	if err := t.errors["sftpgo"]; err != nil {
		return err
	}
	return t.errors[permission]
}

func (t *town) Account(_ context.Context, username string) (*account.Account, error) {
	t.during(username)
	t.mu.Lock()
	defer t.mu.Unlock()
	a, ok := t.accounts[username]
	if !ok {
		return nil, account.ErrNoAccount
	}
	return a, t.errors[username]
}

func (t *town) EditAccount(_ context.Context, username string, edit account.Edit) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.accounts[username]
	a.Folders = slices.DeleteFunc(a.Folders, func(f account.Folder) bool { return slices.Contains(edit.Unmap, f.Name) })
	for i, f := range a.Folders {
		path := f.Path
		a.Folders[i] = t.folders[f.Name]
		a.Folders[i].Path = path
	}
	for _, spec := range edit.Map {
		f := t.folders[spec.Name]
		f.Path = spec.Path()
		a.Folders = append(a.Folders, f)
	}
	for path, permissions := range edit.SetPermissions {
		a.Permissions[path] = permissions
	}
	for _, path := range edit.RemovePermissions {
		delete(a.Permissions, path)
	}
	return nil
}

func (t *town) Folder(_ context.Context, name string) (*account.Folder, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f, ok := t.folders[name]
	if !ok {
		return nil, account.ErrNoFolder
	}
	return &f, nil
}

func (t *town) CreateFolder(_ context.Context, spec account.Spec, keys account.Keys) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.folders[spec.Name] = account.Folder{
		Name: spec.Name, MappedPath: spec.MappedPath(), S3: true, Bucket: spec.Bucket, Region: spec.Region, AccessKeyID: keys.ID,
	}
	return nil
}

func (t *town) UpdateFolder(ctx context.Context, _ *account.Folder, spec account.Spec, keys account.Keys) error {
	return t.CreateFolder(ctx, spec, keys)
}

func (t *town) DeleteFolder(_ context.Context, name string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.folders, name)
	return nil
}

// connections lead to the town.
func (t *town) connections(f *flags) connections {
	return connections{
		account: func(context.Context) (awsAccount, error) {
			return awsAccount{
				region: "us-east-1",
				whoAmI: func(context.Context) (awsapi.Caller, error) {
					return awsapi.Caller{ARN: "arn:aws:iam::123456789012:user/jane"}, nil
				},
				directory: t, buckets: t, accessKeys: t,
			}, t.errors["aws"]
		},
		server: func(context.Context) (sftpgoServer, error) {
			return sftpgoServer{
				host: "https://sftpgo.example.org", admin: t,
				syncer: account.Syncer{Accounts: t, FolderReader: t, FolderWriter: t, Keys: t},
			}, t.errors["settings"]
		},
		deployment: func(context.Context) (*deployment, error) {
			if t.deployed == nil || f.stack != "sync-users" {
				return nil, awscfn.ErrNoStack
			}
			c := t.deployed
			return &deployment{
				workflow: c, watch: c, trigger: c, runsBucket: "runs", runs: c, turns: c, executions: c,
			}, t.errors["stack"]
		},
	}
}
