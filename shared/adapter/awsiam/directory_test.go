package awsiam

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// fakeIAM has the users of an AWS account, and lists them in pages. It starts empty.
type fakeIAM struct {
	users []types.UserDetail
	// failAt is the first user of the page that can't be read.
	failAt int
	// omitMarker leaves out the marker of the next page.
	omitMarker bool
	calls      int
}

var _ iam.GetAccountAuthorizationDetailsAPIClient = (*fakeIAM)(nil)

func (f *fakeIAM) GetAccountAuthorizationDetails(_ context.Context, input *iam.GetAccountAuthorizationDetailsInput, _ ...func(*iam.Options)) (*iam.GetAccountAuthorizationDetailsOutput, error) {
	f.calls++
	if len(input.Filter) != 1 || input.Filter[0] != types.EntityTypeUser {
		return nil, errors.New("the filter is not for users")
	}
	start, _ := strconv.Atoi(aws.ToString(input.Marker))
	if f.failAt > 0 && start >= f.failAt {
		return nil, &smithy.GenericAPIError{Code: "Throttling", Message: "Rate exceeded"}
	}
	end := min(start+int(aws.ToInt32(input.MaxItems)), len(f.users))
	output := &iam.GetAccountAuthorizationDetailsOutput{UserDetailList: f.users[start:end]}
	if end < len(f.users) {
		output.IsTruncated = true
		if !f.omitMarker {
			output.Marker = aws.String(strconv.Itoa(end))
		}
	}
	return output, nil
}

func (f *fakeIAM) add(name string, tags map[string]string, groups ...string) {
	user := types.UserDetail{UserName: &name, GroupList: groups}
	for key, value := range tags {
		user.Tags = append(user.Tags, types.Tag{Key: &key, Value: &value})
	}
	f.users = append(f.users, user)
}

func (f *fakeIAM) fill(count int) {
	for range count {
		f.add(fmt.Sprintf("user%d", len(f.users)), nil)
	}
}

func TestIAMUsersHaveTheirEmailAndGroups(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give func(*fakeIAM)
		want []discover.IAMUser
	}{
		{"an empty account", func(*fakeIAM) {}, nil},
		{
			"tags and groups",
			func(f *fakeIAM) {
				f.add("alice", map[string]string{"Team": "a", "Email": "alice@example.org"}, "digipres-dev1-users", "staff")
			},
			[]discover.IAMUser{{Username: "alice", Email: "alice@example.org", Groups: []string{"digipres-dev1-users", "staff"}}},
		},
		{
			"no tag of exactly that name",
			func(f *fakeIAM) { f.add("bob", map[string]string{"email": "bob@example.org", "Email2": "x"}) },
			[]discover.IAMUser{{Username: "bob"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fake := &fakeIAM{}
			tt.give(fake)
			got, err := Directory{client: fake, accountTag: "Email"}.IAMUsers(t.Context())
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestIAMUsersHaveTheAccountOfAnotherTag(t *testing.T) {
	t.Parallel()
	fake := &fakeIAM{}
	fake.add("alice", map[string]string{"Email": "alice+sftp@example.org", "SftpUser": "alice"})
	fake.add("bob", map[string]string{"Email": "bob@example.org"})
	users, err := Directory{client: fake, accountTag: "SftpUser"}.IAMUsers(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []discover.IAMUser{{Username: "alice", Email: "alice", AccountTag: "SftpUser"}, {Username: "bob", AccountTag: "SftpUser"}}, users)
}

func TestIAMUsersOnPageTwoAreListed(t *testing.T) {
	t.Parallel()
	fake := &fakeIAM{}
	fake.fill(1000)
	fake.add("alice", map[string]string{"Email": "alice@example.org"}, "digipres-dev1-users")
	users, err := Directory{client: fake, accountTag: "Email"}.IAMUsers(t.Context())
	require.NoError(t, err)
	require.Len(t, users, 1001)
	assert.Equal(t, discover.IAMUser{Username: "alice", Email: "alice@example.org", Groups: []string{"digipres-dev1-users"}}, users[1000])
	assert.Equal(t, 2, fake.calls, "one call for every thousand users")
}

func TestIAMUsersAreListedCompletelyOrNotAtAll(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give *fakeIAM
		want errkind.Kind
	}{
		{"the second page can't be read", &fakeIAM{failAt: 1000}, errkind.Throttled},
		{"the first page has no marker", &fakeIAM{omitMarker: true}, errkind.IncompleteReading},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.give.fill(1001)
			users, err := Directory{client: tt.give, accountTag: "Email"}.IAMUsers(t.Context())
			assert.Equal(t, tt.want, errkind.Of(err))
			assert.Nil(t, users)
		})
	}
}
