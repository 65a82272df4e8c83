package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"golang.org/x/crypto/ssh"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/fixture"
)

const (
	sftp1Users  = "digipres-sftp1-users"
	sftp1Admins = "digipres-sftp1-power-users"
)

var transferBuckets = []string{"digipres-sftp1-data", "digipres-sftp1-data-repl", "digipres-prod-archive", "digipres-prod-managed"}

// transferUsers are in order of username, as reports have them. None has keys or an
// account in SFTPGo.
var transferUsers = []demoUser{
	{fixture.User{Username: "alice", Email: "alice@example.org", Groups: []string{sftp1Users, sftp1Admins}},
		"two groups of one stack", run.Updated, run.Unchanged},
	{fixture.User{Username: "bob", Email: "bob@example.org", Groups: []string{sftp1Users}},
		"one stack, joins another later", run.Updated, run.Updated},
	{fixture.User{Username: "carol", Email: "carol+sftp@example.org", Groups: []string{prodUsers}},
		"an address that no Transfer user can have", run.Failed, run.Updated},
	{fixture.User{Username: "dave", Email: "dave@example.org", Groups: []string{sftp1Users, prodUsers}},
		"two stacks", run.Updated, run.Unchanged},
	{fixture.User{Username: "erin", Email: "erin@example.org", Groups: []string{sftp1Users}},
		"one stack, leaves it later", run.Updated, run.Revoked},
	{fixture.User{Username: "frank", NoTag: true, Groups: []string{sftp1Users}},
		"no Email tag", run.Skipped, run.Skipped},
	{fixture.User{Username: "grace", Email: "grace@example.org", Groups: []string{"accounting"}},
		"no stack group", run.Skipped, run.Skipped},
	{fixture.User{Username: "heidi", Email: "heidi@example.org", Groups: []string{sftp1Users}},
		"no Transfer user", run.Skipped, run.Skipped},
}

// carolsAddress is one that a Transfer user can have.
const carolsAddress = "carol@example.org"

// transferDemo is the demo of the system for AWS Transfer Family.
type transferDemo struct {
	demo
	transfer *fixture.Transfer
	// keys are the people's SSH keys, by the names of their Transfer users.
	keys map[string]ssh.Signer
}

// RunTransfer is Run for the system for AWS Transfer Family.
func RunTransfer(ctx context.Context, cloud *local.Addresses, out io.Writer) error {
	users := slices.Clone(transferUsers)
	for i := range users {
		users[i].NoAccount, users[i].NoKeys = true, true
	}
	d := transferDemo{
		demo:     demo{cloud: cloud, fixtures: fixture.New(cloud.AWS(), nil), out: out, users: users, buckets: transferBuckets},
		transfer: fixture.NewTransfer(cloud.AWS(), cloud.TransferServerID, cloud.TransferSFTPPort),
		keys:     map[string]ssh.Signer{},
	}
	return d.tell(ctx, d.createUsers, d.createTransferUsers, d.firstRun, d.showMail, d.useTransfer,
		d.changeTransferMemberships, d.secondRun, d.showRevoked)
}

// createTransferUsers creates them as an operator does: with their SSH keys, and the
// role that the deployment has for them.
func (d transferDemo) createTransferUsers(ctx context.Context) error {
	for _, name := range []string{"alice@example.org", "bob@example.org", carolsAddress, "dave@example.org", "erin@example.org", "grace@example.org"} {
		key, err := d.transfer.CreateUser(ctx, name, d.cloud.Outputs.TransferRoleArn)
		if err != nil {
			return err
		}
		d.keys[name] = key
	}
	d.print("\n✓ The Transfer server %s has %d users, who see nothing yet.", d.cloud.TransferServerID, len(d.keys))
	return nil
}

func (d transferDemo) login(name string) (*fixture.Session, error) {
	return d.transfer.Login(name, d.keys[name])
}

func (d transferDemo) useTransfer(ctx context.Context) error {
	d.title("alice logs in to AWS Transfer Family with her SSH key")
	session, err := d.login("alice@example.org")
	if err != nil {
		return err
	}
	defer session.Close()
	return d.useSession(ctx, session.Client)
}

func (d transferDemo) changeTransferMemberships(ctx context.Context) error {
	d.title("Tags and memberships change")
	_, err := iam.NewFromConfig(d.cloud.AWS()).TagUser(ctx, &iam.TagUserInput{
		UserName: aws.String("carol"), Tags: []iamtypes.Tag{{Key: aws.String("Email"), Value: aws.String(carolsAddress)}},
	})
	if err != nil {
		return err
	}
	d.print("✓ carol's Email tag becomes %s", carolsAddress)
	if err := d.fixtures.AddToGroup(ctx, "bob", prodUsers); err != nil {
		return err
	}
	d.print("✓ bob joins the stack digipres-prod")
	if err := d.seeBuckets("erin@example.org", "digipres-sftp1-data", d.managedBucket()); err != nil {
		return err
	}
	if err := d.fixtures.RemoveFromGroup(ctx, "erin", sftp1Users); err != nil {
		return err
	}
	d.print("✓ erin leaves her only stack group")
	return nil
}

func (d transferDemo) showRevoked(context.Context) error {
	d.title("erin logs in once more")
	return d.seeBuckets("erin@example.org")
}

// seeBuckets logs in and prints what is there, and returns an error if that is not what
// is expected.
func (d transferDemo) seeBuckets(name string, want ...string) error {
	session, err := d.login(name)
	if err != nil {
		return err
	}
	defer session.Close()
	entries, err := session.ReadDir("/")
	if err != nil {
		return fmt.Errorf("ls /: %w", err)
	}
	var found []string
	for _, entry := range entries {
		found = append(found, entry.Name())
	}
	slices.Sort(found)
	if !slices.Equal(found, want) {
		return fmt.Errorf("%s sees %v, and not %v", name, found, want)
	}
	if len(want) > 0 {
		d.print("✓ %s sees %d buckets", name, len(found))
		return nil
	}
	if _, err := session.ReadDir("/" + d.buckets[0]); err == nil {
		return errors.New(name + " still reaches " + d.buckets[0])
	} else {
		d.print("sftp> ls /\nsftp> ls /%s\n%s: she has nothing any more", d.buckets[0], err)
	}
	return nil
}
