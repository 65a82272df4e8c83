package command

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/shared/adapter/awscfn"
	"github.com/digipres/sync-users/shared/domain/access"
	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/account/accounttest"
	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/transfer"
	"github.com/digipres/sync-users/shared/domain/transfer/transfertest"
)

// fixture is an AWS account and an SFTPGo server in memory.
type fixture struct {
	users      []discover.IAMUser
	buckets    []string
	keys       accounttest.Keys
	report     access.CredentialReport
	server     *accounttest.Server
	transfer   *transfertest.Server
	deployment *deployment // nil if nothing is deployed
	// errors are those of a part, by its name.
	errors map[string]error
	// transient is how many calls of a part are refused before they succeed.
	transient map[string]int
	mu        sync.Mutex // of transient, because some parts are read at the same time
	// onSync is called whenever an account is read.
	onSync func(username string)
}

var (
	_ discover.UserDirectory     = (*fixture)(nil)
	_ discover.BucketLister      = (*fixture)(nil)
	_ access.AccessKeys          = (*fixture)(nil)
	_ connect.CredentialReporter = (*fixture)(nil)
	_ account.KeyStore           = (*fixture)(nil)
	_ connect.Admin              = (*fixture)(nil)
)

// newFixture returns a fixture with a user in every situation, and a deployment.
func newFixture() *fixture {
	f := &fixture{
		buckets: []string{"digipres-dev1-data", "digipres-dev1-data-repl", "digipres-dev1-managed", "digipres-prod-archive", "website"},
		keys:    accounttest.Keys{}, server: accounttest.NewServer(), transfer: transfertest.NewServer(), deployment: newDeployment(),
		errors: map[string]error{}, transient: map[string]int{}, onSync: func(string) {},
	}
	f.server.Fault = func(call string) error {
		if username, ok := strings.CutPrefix(call, "GET users/"); ok {
			f.onSync(username)
		}
		return nil
	}
	const dev, prod = "digipres-dev1-users", "digipres-prod-users"
	f.addUser("alice", "alice@example.org", dev, "digipres-dev1-power-users", "accounting")
	f.addUser("bob", "bob@example.org", prod)
	f.addUser("carol", "carol@example.org", dev)
	f.addUser("dave", "dave@example.org")
	f.addUser("erin", "erin@example.org", prod)
	f.addUser("frank", "", dev)
	f.addUser("grace", "grace@example.org", "accounting")
	f.addUser("heidi", "heidi@example.org", dev)
	delete(f.keys, "carol")
	delete(f.server.Accounts, "heidi@example.org")
	f.mapBucket("bob@example.org", "digipres-prod-archive", "AKIABOB1")
	f.mapBucket("dave@example.org", "digipres-prod-archive", "AKIADAVE1")
	f.mapBucket("erin@example.org", "digipres-prod-archive", "AKIAERIN0")
	return f
}

func (f *fixture) addUser(username, email string, groups ...string) {
	f.users = append(f.users, discover.IAMUser{Username: username, Email: email, Groups: groups})
	f.keys[username] = "AKIA" + strings.ToUpper(username) + "1"
	f.server.AddAccount(email)
}

func (f *fixture) mapBucket(email, bucket, accessKeyID string) {
	f.server.MapBucket(email, run.Bucket{Name: bucket, Region: "us-east-1"}, accessKeyID)
}

// err returns the error of a part.
func (f *fixture) err(part string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.transient[part] > 0 {
		f.transient[part]--
		return errkind.Errorf(errkind.Unavailable, "%s is unavailable", part)
	}
	return f.errors[part]
}

func (f *fixture) IAMUsers(context.Context) ([]discover.IAMUser, error) {
	return f.users, f.err("iam")
}

func (f *fixture) Buckets(_ context.Context, wanted func(string) bool) (buckets []run.Bucket, err error) {
	for _, name := range f.buckets {
		if wanted(name) {
			buckets = append(buckets, run.Bucket{Name: name, Region: "us-east-1"})
		}
	}
	return buckets, f.err("s3")
}

func (f *fixture) AccessKeys(_ context.Context, username string) ([]access.AccessKey, error) {
	return []access.AccessKey{{ID: f.keys[username], Active: true}}, f.err("keys")
}

func (f *fixture) CredentialReport(context.Context) (access.CredentialReport, error) {
	return f.report, f.err("report")
}

func (f *fixture) CheckAllowed(context.Context) error { return f.err("report") }

func (f *fixture) Keys(ctx context.Context, username string) (account.Keys, error) {
	if err := f.err("ssm"); err != nil {
		return account.Keys{}, err
	}
	return f.keys.Keys(ctx, username)
}

func (f *fixture) Version(context.Context) (string, error) { return "2.6.4", f.errors["sftpgo"] }

func (f *fixture) CheckPermission(_ context.Context, permission string) error {
	if err := f.err("sftpgo"); err != nil {
		return err
	}
	return f.errors[permission]
}

// connections are those to a fixture. It has no deployment of another system.
type connections struct {
	connect.Deployments
	*fixture
	flags *connect.Flags
}

var _ connect.Connections = connections{}

func (c connections) AWS(context.Context) (connect.AWS, error) {
	return connect.AWS{
		Region:    "us-east-1",
		CallerARN: func(context.Context) (string, error) { return "arn:aws:iam::123456789012:user/jane", nil },
		Directory: c, Buckets: c, AccessKeys: c, CredentialReporter: c,
	}, c.errors["aws"]
}

// Server returns the Transfer server for its CloudFormation stack, and else SFTPGo.
func (c connections) Server(_ context.Context, stackName string) (connect.Server, error) {
	switch stackName {
	case "sync-transfer-users":
		return connect.Server{
			Product: "AWS Transfer Family", Address: c.transfer.State.ID,
			Users:    transfer.Server{Syncer: transfer.Syncer{Users: c.transfer, SessionPolicy: true}, Description: c.transfer},
			Accounts: transfer.Mappings{Lister: c.transfer, Users: c.transfer},
		}, c.errors["settings"]
	case "", "sync-users":
		return connect.Server{
			Product: "SFTPGo", Address: "https://sftpgo.example.org", Admin: c, Keys: c,
			Users: account.Server{
				Syncer:  account.Syncer{Accounts: c.server, FolderReader: c.server, FolderWriter: c.server, Keys: c},
				Cleaner: account.Cleaner{Lister: c.server, Reader: c.server, Writer: c.server},
				Version: c.server,
			},
			Accounts: account.Mappings{Lister: c.server}, Folders: c.server,
		}, c.errors["settings"]
	}
	return connect.Server{}, awscfn.ErrNoStack
}

func (c connections) Deployment(context.Context) (*connect.Deployment, error) {
	if c.deployment == nil || !slices.Contains([]string{"sync-users", "sync-transfer-users"}, c.flags.CloudFormationStack) {
		return nil, awscfn.ErrNoStack
	}
	return c.deployment.connection(), c.errors["stack"]
}

// The exit codes.
const (
	success     = 0
	failure     = int(program.Failure)
	changes     = int(program.Changes)
	interrupted = int(program.Interrupted)
)

// output is what a command printed, and its exit code.
type output struct {
	code     int
	out, err string
}

// run runs a command.
func (f *fixture) run(ctx context.Context, args ...string) output {
	var out, errs bytes.Buffer
	env := program.Environment{In: strings.NewReader(""), Out: &out, Err: &errs}
	env.Connect = func(flags *connect.Flags) connect.Connections { return connections{fixture: f, flags: flags} }
	code := program.Run(ctx, &env, New(&env), args)
	return output{code, out.String(), errs.String()}
}

// runCommand runs one command in a new fixture, in which waiting takes no time and
// the year is always 2000.
func runCommand(t *testing.T, prepare func(*fixture), args ...string) (result output) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		if prepare != nil {
			prepare(f)
		}
		result = f.run(t.Context(), args...)
	})
	return result
}
