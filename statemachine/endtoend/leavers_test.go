package endtoend

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/fixture"
)

const noTag = "no IAM user has this Email tag"

// createFolder creates a folder record in SFTPGo, with keys in it.
func createFolder(t testing.TB, name, bucket, mappedPath string) {
	t.Helper()
	require.NoError(t, fixtures.SFTPGo.Do(t.Context(), http.MethodPost, "/api/v2/folders", fixture.Document{
		"name": name, "mapped_path": mappedPath,
		"filesystem": fixture.Document{"provider": 1, "s3config": fixture.Document{
			"bucket": bucket, "region": "us-east-1", "access_key": "AKIAOLD", "access_secret": fixture.Document{"status": "Plain", "payload": "old"},
		}},
	}, nil))
}

// mapFolder has an account show a folder, as an administrator or an earlier version would.
func mapFolder(t testing.TB, email, name, bucket string) {
	t.Helper()
	account := getAccount(t, email)
	account["virtual_folders"] = []any{fixture.Document{"name": name, "virtual_path": "/" + bucket}}
	account["permissions"].(fixture.Document)["/"+bucket] = []string{"*"}
	require.NoError(t, fixtures.SFTPGo.Do(t.Context(), http.MethodPut, "/api/v2/users/"+email, account, nil))
}

// createAccountWithFolder creates an account that shows a bucket, but that no IAM user has.
func createAccountWithFolder(t testing.TB, email, bucket, root string) (folder string) {
	t.Helper()
	folder = folderPrefix(email) + "-" + bucket
	require.NoError(t, fixtures.SFTPGo.CreateAccount(t.Context(), email, ""))
	createFolder(t, folder, bucket, root+folder)
	mapFolder(t, email, folder, bucket)
	return folder
}

const ourRoot = "/tmp/sftpgo-folders/"

func TestAccountsThatNobodyClaimsAreRevoked(t *testing.T) {
	newAddress := email("movedto")
	for _, tt := range []struct {
		name, input string
		everybody   bool
		path        []string
	}{
		{"in a run for everybody", `{}`, true, pathSucceeded},
		{"in a run for those who changed", `{"changedOnly":true}`, false, withoutListing(pathSucceeded)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resetFixtures(t, newUser("stays", devUsers), newUser("deleted", devUsers), newUser("untagged", devUsers, prodUsers), newUser("moved", devUsers))
			ctx := t.Context()
			require.NoError(t, fixtures.SFTPGo.CreateAccount(ctx, newAddress, ""))
			requireSucceeded(t, startRun(t, `{}`), pathSucceeded)

			require.NoError(t, fixtures.DeleteUser(ctx, "deleted", devUsers))
			require.NoError(t, fixtures.RemoveEmail(ctx, "untagged"))
			require.NoError(t, fixtures.SetEmail(ctx, "moved", newAddress))
			createFolder(t, "nobody_example_org-digipres-dev1-data", devBuckets[0], ourRoot+"nobody_example_org-digipres-dev1-data")
			byHand := createAccountWithFolder(t, "by.hand@example.org", devBuckets[0], "/srv/")
			createAccountWithFolder(t, "from.before@example.org", devBuckets[0], ourRoot)

			e := startRun(t, tt.input)

			requireSucceeded(t, e, tt.path)
			results := readReport(t, e)
			for username, removed := range map[string]int{"deleted": 2, "untagged": 4, "moved": 2} {
				result := results[email(username)]
				assert.Equal(t, run.Revoked, result.Outcome, "%s: %s", username, result.Reason)
				assert.Equal(t, fmt.Sprintf("%s: %d buckets removed", noTag, removed), result.Reason)
				assert.Empty(t, result.Username)
				assert.Empty(t, mappedFolders(t, email(username)))
				assert.Equal(t, map[string][]string{"/": {"list"}}, accountPermissions(t, email(username)))
			}
			assert.Equal(t, run.Updated, results["moved"].Outcome)
			assert.Equal(t, devBuckets, mappedBuckets(t, newAddress))
			assert.Equal(t, devBuckets, mappedBuckets(t, email("stays")))
			assert.Len(t, mappedFolders(t, "by.hand@example.org"), 1, "it is not of this program")
			left := []string{byHand}
			for _, bucket := range devBuckets {
				left = append(left, folderPrefix(newAddress)+"-"+bucket, folderPrefix(email("stays"))+"-"+bucket)
			}
			if tt.everybody {
				assert.Equal(t, run.Revoked, results["from.before@example.org"].Outcome)
				assert.Len(t, results, 7, "three users with a tag or without, and four accounts")
			} else {
				left = append(left, "from_before_example_org-digipres-dev1-data")
				assert.Len(t, results, 4, "those whom IAM shows to have changed")
			}
			assert.ElementsMatch(t, left, folderNames(t), "no record with keys is left that nobody should have")

			again := startRun(t, `{"changedOnly":true}`)
			requireSucceeded(t, again, pathNothingChanged)
		})
	}
}

// An account that only the server's list knows is revoked only by the whole list.
func TestAnIncompleteListMakesNobodyALeaver(t *testing.T) {
	secondPage := func(r *http.Request) bool { return r.URL.Query().Get("offset") != "0" }
	tests := []struct {
		name      string
		intercept func(w http.ResponseWriter, r *http.Request, server http.Handler)
		want      string
	}{
		{"its second page fails", func(w http.ResponseWriter, r *http.Request, server http.Handler) {
			if secondPage(r) {
				http.Error(w, "no such luck", http.StatusBadGateway)
				return
			}
			server.ServeHTTP(w, r)
		}, "502"},
		{"it is cut short", func(w http.ResponseWriter, r *http.Request, server http.Handler) {
			whole := httptest.NewRecorder()
			server.ServeHTTP(whole, r)
			text := whole.Body.String()
			_, _ = io.WriteString(w, text[:len(text)*2/3])
		}, "JSON"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resetFixtures(t, newUser("alice", devUsers))
			createAccountWithFolder(t, "old@example.org", devBuckets[0], ourRoot)
			lists := 0
			remove := cloud.SFTPGo.Intercept(func(w http.ResponseWriter, r *http.Request, server http.Handler) {
				if r.URL.Path != "/api/v2/folders" || r.Method != http.MethodGet {
					server.ServeHTTP(w, r)
					return
				}
				lists++
				tt.intercept(w, r, server)
			})
			defer remove()

			e := triggerRun(t)

			require.Equal(t, "FAILED", string(e.status))
			assert.Contains(t, e.path, "Leftovers stay", "the list for them fails as well")
			assert.Positive(t, lists)
			results := readReport(t, e)
			assert.Len(t, results, 1)
			assert.Equal(t, run.Updated, results["alice"].Outcome, "the others are synced")
			assert.Len(t, mappedFolders(t, "old@example.org"), 1)
			assert.True(t, triggerExists(t))
			mails := receiveMails(t)
			require.Len(t, mails, 1)
			assert.Contains(t, mails[0].Message, tt.want)

			remove()
			e = triggerRun(t)
			requireSucceeded(t, e, pathTriggerDeleted)
			assert.Equal(t, run.Revoked, readReport(t, e)["old@example.org"].Outcome)
			assert.Empty(t, mappedFolders(t, "old@example.org"))
		})
	}
}

// A list that can be read again at the end of the run does not hide that it could not at
// the beginning.
func TestARunSaysThatAccountsWereNotListed(t *testing.T) {
	resetFixtures(t, newUser("alice", devUsers))
	removePermission(t, roleOfFunction(listAccounts)(t), "s3:PutObject", "/runs/*/accounts.json")

	e := triggerRun(t)

	requireFailed(t, e, after(pathToServer, after([]string{"Sync each user", "Delete leftovers", "Summarize run", "Did anyone fail?", "Accounts not listed"}, pathMailed...)...))
	assert.Equal(t, "AccessDenied", e.err)
	assert.Equal(t, devBuckets, mappedBuckets(t, email("alice")))
	assert.True(t, triggerExists(t))
	mails := receiveMails(t)
	require.Len(t, mails, 1)
	assert.Contains(t, mails[0].Message, "accounts that show folders")
}
