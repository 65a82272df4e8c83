package endtoend

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/access"
	"github.com/digipres/sync-users/statemachine/local/fixture"
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
	account["virtual_folders"] = mapping
	do(http.MethodPut, "/api/v2/users/"+username, account, nil)
}
