package endtoend

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/functions/cli/sync-users/view"
	"github.com/digipres/sync-users/shared/domain/access"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/stack"
	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/fixture"
	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

// reach returns the statuses of a reading's entries by who and bucket.
func reach(reading access.Reading) map[string]access.Status {
	statuses := map[string]access.Status{}
	for _, e := range reading.Entries {
		statuses[fmt.Sprint(e.Username, e.ServerGroup, " ", e.Bucket)] = e.Status
	}
	return statuses
}

func TestWho(t *testing.T) {
	unusual := newUser("b+o@b", devUsers, prodUsers)
	unusual.NoKeys = true
	newFixture(t, newUser("alice", devUsers), unusual, newUser("carol", prodUsers))
	require.Equal(t, success, syncUsers(t, "sync", "--yes", "--username", "alice").code)
	linkFolder(t, "partner-data", "digipres-dev1-data", "carol@example.org")

	got := syncUsers(t, "who", "digipres-dev1-data")
	assert.Equal(t, success, got.code, got.err)
	assert.Regexp(t, `alice +alice@example.org +digipres-dev1-users +yes +yes +as it should be`, got.out)
	assert.Regexp(t, `b\+o@b +b\+o@b@example.org +digipres-dev1-users +yes +no +to be added`, got.out)
	assert.Regexp(t, `carol@example.org, the account of carol +partner-data`, got.out)
	assert.Regexp(t, `everybody in SFTPGo's group partners +partner-data`, got.out)
	assert.Equal(t, map[string]access.Status{
		"alice digipres-dev1-data": access.InSync, "b+o@b digipres-dev1-data": access.Missing,
		"carol digipres-dev1-data": access.Unmanaged, "partners digipres-dev1-data": access.Unmanaged,
	}, reach(decoded[access.Reading](t, syncUsers(t, "who", "digipres-dev1-data", "-o", "json").out)))

	wrong := syncUsers(t, "who", "digipres-dev1-date")
	assert.Equal(t, failure, wrong.code)
	assert.Empty(t, wrong.out)
	assert.Contains(t, wrong.err, "did you mean digipres-dev1-data?")
}

// linkFolder maps a folder of a bucket for an account and for a group of SFTPGo, as an
// administrator does.
func linkFolder(t *testing.T, name, bucket, username string) {
	t.Helper()
	do := func(method, path string, body, answer any) {
		require.NoError(t, fixtures.SFTPGo.Do(t.Context(), method, path, body, answer))
	}
	do(http.MethodPost, "/api/v2/folders", fixture.Document{"name": name, "mapped_path": "/tmp/" + name, "filesystem": fixture.Document{
		"provider": 1, "s3config": fixture.Document{"bucket": bucket, "region": "us-east-1"},
	}}, nil)
	t.Cleanup(func() {
		_ = fixtures.SFTPGo.Do(context.Background(), http.MethodDelete, "/api/v2/groups/partners", nil, nil)
	})
	mapping := []fixture.Document{{"name": name, "virtual_path": "/" + name}}
	do(http.MethodPost, "/api/v2/groups", fixture.Document{"name": "partners", "virtual_folders": mapping}, nil)
	account, _, err := fixtures.SFTPGo.Account(t.Context(), username)
	require.NoError(t, err)
	folders, _ := account["virtual_folders"].([]any)
	account["virtual_folders"] = append(folders, mapping[0])
	do(http.MethodPut, "/api/v2/users/"+username, account, nil)
}

// Two pages of SFTPGo's folders are read, and IAM and S3 are asked for lists only.
func TestAccess(t *testing.T) {
	const people = 260
	newFixture(t)
	createPeople(t, people, devUsers)
	linkFolder(t, "partner-data", "digipres-prod-archive", personEmail(0))
	got := syncUsers(t, "access", "-o", "json")
	require.Equal(t, success, got.code, got.err)
	statuses := reach(decoded[access.Reading](t, got.out))
	assert.Len(t, statuses, 2*people+2)
	for _, i := range []int{0, people / 2, people - 1} {
		assert.Equal(t, access.InSync, statuses[personName(i)+" digipres-dev1-data"])
	}
	assert.Equal(t, access.Unmanaged, statuses[personName(0)+" digipres-prod-archive"])

	require.NoError(t, fixtures.RemoveFromGroup(t.Context(), personName(1), devUsers))
	cloud.Calls.Reset()
	cloud.SFTPGo.Reset()
	table := syncUsers(t, "access", "--differences")
	assert.Equal(t, success, table.code, table.err)
	assert.Regexp(t, personName(1)+` +`+personEmail(1)+` +-digipres-dev1-data -`+local.ManagedBucket, table.out)
	assert.NotContains(t, table.out, personName(2))
	assert.Equal(t, map[sftpgo.Route]int{
		{Method: http.MethodGet, Path: "/api/v2/token"}: 1, {Method: http.MethodGet, Path: "/api/v2/folders"}: 3,
	}, cloud.SFTPGo.Calls(), "an empty page ends the list")
	calls := awsCalls()
	assert.Equal(t, 1, calls["iam GetAccountAuthorizationDetails"], calls)
	assert.Equal(t, 1, calls["s3 GET /"], calls)
	for call, n := range calls {
		assert.LessOrEqual(t, n, 4, "%s grows with the people", call)
	}

	file := filepath.Join(t.TempDir(), "access.html")
	page := syncUsers(t, "access", "--html", file)
	assert.Equal(t, success, page.code, page.err)
	assert.Empty(t, page.out)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(text), personEmail(people-1))
	assert.Contains(t, string(text), cloud.SFTPGoURL)
	assert.Contains(t, string(text), "everybody in SFTPGo&#39;s group partners")
}

// awsCalls returns how often AWS was asked for what.
func awsCalls() map[string]int {
	calls := map[string]int{}
	for call, n := range cloud.Calls.Total() {
		calls[call.Service+" "+call.Action] += n
	}
	return calls
}

func personName(i int) string  { return fmt.Sprintf("person%04d", i) }
func personEmail(i int) string { return email(personName(i)) }

// createPeople makes IAM users of a group, with SFTPGo accounts that show the stack's
// buckets, as a sync leaves them.
func createPeople(t testing.TB, n int, group string) {
	t.Helper()
	var users []fixture.User
	var accounts, folders []fixture.Document
	for i := range n {
		users = append(users, fixture.User{Username: personName(i), Email: personEmail(i), Groups: []string{group}, NoAccount: true, NoKeys: true})
		permissions := fixture.Document{"/": []string{"list"}}
		var mappings []fixture.Document
		for _, bucket := range devBuckets {
			name := stack.FolderName(stack.Key(personEmail(i)), bucket)
			folders = append(folders, fixture.Document{"name": name, "mapped_path": "/tmp/sftpgo-folders/" + name, "filesystem": fixture.Document{
				"provider": 1, "s3config": fixture.Document{"bucket": bucket, "region": "us-east-1"},
			}})
			mappings = append(mappings, fixture.Document{"name": name, "virtual_path": "/" + bucket})
			permissions["/"+bucket] = []string{"*"}
		}
		accounts = append(accounts, fixture.Document{"username": personEmail(i), "status": 1, "permissions": permissions, "virtual_folders": mappings})
	}
	require.NoError(t, fixtures.CreateUsers(t.Context(), users...))
	// In pieces, because it takes SFTPGo some ten milliseconds each.
	const piece = 500
	for part := range slices.Chunk(folders, piece) {
		load(t, fixture.Document{"version": 16, "folders": part})
	}
	for part := range slices.Chunk(accounts, piece) {
		load(t, fixture.Document{"version": 16, "users": part})
	}
}

func load(t testing.TB, data fixture.Document) {
	t.Helper()
	require.NoError(t, fixtures.SFTPGo.Do(t.Context(), http.MethodPost, "/api/v2/loaddata", data, nil))
}

// BenchmarkAccess measures the commands that show all of five thousand people.
func BenchmarkAccess(b *testing.B) {
	newFixture(b)
	createPeople(b, 5000, devUsers)
	for _, args := range [][]string{{"who", "digipres-dev1-data"}, {"access", "-o", "csv"}} {
		b.Run(args[0], func(b *testing.B) {
			for b.Loop() {
				cloud.SFTPGo.Reset()
				require.NoError(b, command(b, nil, args...).Run())
				b.ReportMetric(float64(cloud.SFTPGo.Calls()[sftpgo.Route{Method: http.MethodGet, Path: "/api/v2/folders"}]), "folder-pages")
			}
		})
	}
}

func TestHistory(t *testing.T) {
	newFixture(t, newUser("alice", devUsers), newUser("bob", devUsers), newUser("carol", devUsers, prodUsers))
	history := func(args ...string) (changes []string) {
		got := syncUsers(t, append([]string{"history", "-o", "json"}, args...)...)
		require.Equal(t, success, got.code, got.err)
		for _, c := range decoded[[]view.Change](t, got.out) {
			changes = append(changes, fmt.Sprintf("%s %s %v -%v", c.Username, c.Outcome, c.Added, c.Removed))
		}
		return changes
	}
	assert.Empty(t, history())

	require.Equal(t, success, syncUsers(t, "start", "--follow").code)
	require.Equal(t, success, syncUsers(t, "start", "--follow").code, "nothing changed")
	assert.Len(t, history(), 3)
	// The second run changes two people, of whom one has no keys any more.
	require.NoError(t, fixtures.RemoveFromGroup(t.Context(), "bob", devUsers))
	require.NoError(t, fixtures.RemoveFromGroup(t.Context(), "carol", prodUsers))
	_, err := ssm.NewFromConfig(cloud.AWS()).DeleteParameters(t.Context(), &ssm.DeleteParametersInput{
		Names: []string{fixture.AccessKeyParameter("carol"), fixture.SecretKeyParameter("carol")},
	})
	require.NoError(t, err)
	require.Equal(t, failure, syncUsers(t, "start", "--follow").code, "carol has no keys")
	require.Equal(t, success, syncUsers(t, "start", "--follow", "--dry-run", "--username", "alice").code)

	assert.Equal(t, []string{
		"bob revoked [] -[digipres-dev1-data digipres-dev1-managed]",
		"carol failed [] -[digipres-prod-archive]",
		"alice updated [digipres-dev1-data digipres-dev1-managed] -[]",
		"bob updated [digipres-dev1-data digipres-dev1-managed] -[]",
		"carol updated [digipres-dev1-data digipres-dev1-managed digipres-prod-archive] -[]",
	}, history("--since", "1h"))
	assert.Len(t, history("carol@example.org"), 2)
	table := syncUsers(t, "history", "bob")
	assert.Regexp(t, `start-\S+ +bob +-digipres-dev1-data -digipres-dev1-managed\n`, table.out)
	assert.Contains(t, table.out, "1 user gained buckets, 1 lost some")

	// A sync from here is in it, and what the failed run took from carol is not again.
	require.NoError(t, fixtures.AddToGroup(t.Context(), "bob", prodUsers))
	require.Equal(t, success, syncUsers(t, "sync", "--yes", "--username", "bob").code)
	assert.Equal(t, "bob updated [digipres-prod-archive] -[]", history()[0])
	assert.Len(t, history(), 6)
}

func TestPlanWithoutGroup(t *testing.T) {
	newFixture(t, newUser("alice", devUsers, "digipres-dev1-admins", prodUsers))
	require.Equal(t, success, syncUsers(t, "sync", "--yes").code)
	leave := func(group string) output {
		return syncUsers(t, "plan", "--without-group", group, "--user", "alice", "-o", "json")
	}
	got := leave(prodUsers)
	assert.Equal(t, changes, got.code, got.err)
	report := decoded[run.Report](t, got.out)
	require.Len(t, report.Results, 1)
	assert.Equal(t, prodBuckets, report.Results[0].Removed)
	assert.Equal(t, devBuckets, report.Results[0].Buckets)

	kept := leave(devUsers)
	assert.Equal(t, success, kept.code)
	assert.Equal(t, "alice would keep digipres-dev1, because of digipres-dev1-admins.\n", kept.err)
	assert.Len(t, mapped(t, email("alice")), 3, "nothing was written")

	wrong := leave("digipres-test-users")
	assert.Equal(t, failure, wrong.code)
	assert.Contains(t, wrong.err, "there is no group digipres-test-users, or nobody is in it")
}

func TestKeys(t *testing.T) {
	newFixture(t, newUser("alice", devUsers), newUser("bob", devUsers), newUser("carol", devUsers))
	require.Equal(t, success, syncUsers(t, "sync", "--yes").code)
	client := iam.NewFromConfig(cloud.AWS())
	_, err := client.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String("bob")})
	require.NoError(t, err)
	_, err = fixtures.RotateKeys(t.Context(), "carol")
	require.NoError(t, err)
	read := func(args ...string) access.Keys {
		got := syncUsers(t, append([]string{"keys", "-o", "json"}, args...)...)
		require.Equal(t, success, got.code, got.err)
		assert.NotContains(t, got.out, "AKIA")
		return decoded[access.Keys](t, got.out)
	}
	statuses := func(keys access.Keys) (statuses []string) {
		for _, k := range keys.Keys {
			statuses = append(statuses, fmt.Sprint(k.Username, " ", k.Status, " ", k.Identified, " ", k.Buckets))
		}
		return statuses
	}

	cloud.Calls.Reset()
	cloud.SFTPGo.Reset()
	keys := read()
	assert.Equal(t, []string{"alice active false 2", "bob active true 2", "carol active false 2"}, statuses(keys))
	assert.Equal(t, 0, *keys.Keys[0].AgeDays)
	calls := awsCalls()
	assert.Equal(t, 1, calls["iam ListAccessKeys"], "bob has two: %v", calls)
	assert.Equal(t, 1, calls["iam GetCredentialReport"], calls)
	assert.Equal(t, 0, calls["ssm GetParameters"], "no secret is read")
	assert.Equal(t, 2, cloud.SFTPGo.Calls()[sftpgo.Route{Method: http.MethodGet, Path: "/api/v2/folders"}])

	assert.Equal(t, []string{"alice active true 2", "bob active true 2", "carol of_other_user true 2"}, statuses(read("--exact")))
	assert.Equal(t, []string{"carol of_other_user true 2"}, statuses(read("carol")))
	assert.Empty(t, read("--older-than", "90d").Keys)
	table := syncUsers(t, "keys", "alice")
	assert.Regexp(t, `alice +alice@example.org +….{4} +0 days +\S.* +active\n`, table.out)
}
