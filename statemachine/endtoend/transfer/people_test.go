package transfer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	transferapi "github.com/aws/aws-sdk-go-v2/service/transfer"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local/fixture"
)

// The groups of the tests' stacks, and the stacks' buckets, one of them in another
// region. Each test has IAM users of its own, who are in no group when it ends.
const (
	devUsers  = "digipres-dev1-users"
	devAdmins = "digipres-dev1-power-users"
	prodUsers = "digipres-prod-users"
)

var (
	devBuckets  = []string{"digipres-dev1-data", "digipres-dev1-europe", "digipres-dev1-managed"}
	prodBuckets = []string{"digipres-prod-archive", "digipres-prod-managed"}
)

// website is a bucket of no stack, which the deployment's role for Transfer users
// permits all the same.
const website = "website-2-pages"

// newMember creates an IAM user in groups and the Transfer user of the same address, who
// sees nothing yet.
func newMember(t *testing.T, username string, groups ...string) person {
	t.Helper()
	newIAMUser(t, fixture.User{Username: username, Email: email(username), Groups: groups})
	return newTransferUser(t, email(username))
}

func email(username string) string { return username + "@example.org" }

// newIAMUser creates an IAM user, who leaves all groups at the end of the test, so that
// later runs don't fail.
func newIAMUser(t *testing.T, user fixture.User) {
	t.Helper()
	user.NoAccount, user.NoKeys = true, true
	require.NoError(t, members.CreateUsers(t.Context(), user))
	t.Cleanup(func() { leaveAll(t, user.Username) })
}

func newTransferUser(t *testing.T, name string) person {
	t.Helper()
	key, err := users.CreateUser(t.Context(), name, cloud.Outputs.TransferRoleArn)
	require.NoError(t, err)
	return person{name: name, role: cloud.Outputs.TransferRoleArn, key: key}
}

func join(t *testing.T, username string, groups ...string) {
	t.Helper()
	for _, group := range groups {
		require.NoError(t, members.AddToGroup(t.Context(), username, group))
	}
}

func leave(t *testing.T, username string, groups ...string) {
	t.Helper()
	for _, group := range groups {
		require.NoError(t, members.RemoveFromGroup(t.Context(), username, group))
	}
}

// sees returns the mappings of a person as entry=target, in order.
func (p person) sees(t *testing.T) []string {
	t.Helper()
	user := p.describe(t)
	var all []string
	for _, m := range user.HomeDirectoryMappings {
		all = append(all, *m.Entry+"="+*m.Target)
	}
	slices.Sort(all)
	return all
}

// mapped returns what sees returns for a person who is shown buckets.
func mapped(buckets ...string) []string {
	var all []string
	for _, bucket := range buckets {
		all = append(all, fmt.Sprintf("/%[1]s=/%[1]s", bucket))
	}
	slices.Sort(all)
	return all
}

func (p person) describe(t *testing.T) *types.DescribedUser {
	t.Helper()
	user, err := users.User(t.Context(), p.name)
	require.NoError(t, err)
	return user
}

// userNames returns the names of all Transfer users.
func userNames(t *testing.T) (names []string) {
	t.Helper()
	for pages := transferapi.NewListUsersPaginator(users.API, &transferapi.ListUsersInput{ServerId: &users.ServerID, MaxResults: aws.Int32(5)}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, user := range page.Users {
			names = append(names, *user.UserName)
		}
	}
	return names
}

// long returns a valid email address of n characters.
func long(n int) string { return strings.Repeat("x", n-len("@example.org")) + "@example.org" }

// leaveAll removes an IAM user from all groups, at the end of a test.
func leaveAll(t *testing.T, username string) {
	t.Helper()
	client, ctx := iam.NewFromConfig(cloud.AWS()), context.Background()
	groups, err := client.ListGroupsForUser(ctx, &iam.ListGroupsForUserInput{UserName: &username})
	require.NoError(t, err)
	for _, group := range groups.Groups {
		require.NoError(t, members.RemoveFromGroup(ctx, username, *group.GroupName))
	}
}

// removeTag removes an IAM user's Email tag.
func removeTag(t *testing.T, username string) {
	t.Helper()
	_, err := iam.NewFromConfig(cloud.AWS()).UntagUser(context.Background(), &iam.UntagUserInput{UserName: &username, TagKeys: []string{"Email"}})
	require.NoError(t, err)
}
