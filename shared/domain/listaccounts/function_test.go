package listaccounts_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/listaccounts"
	"github.com/digipres/sync-users/shared/domain/run"
)

// server lists folders, and then returns its error.
type server struct {
	folders []account.Folder
	err     error
}

func (s server) ListFolders(_ context.Context, wanted func(account.Folder) bool) (folders []account.Folder, err error) {
	for _, folder := range s.folders {
		if wanted(folder) {
			folders = append(folders, folder)
		}
	}
	return folders, s.err
}

// bucket is a runs bucket in memory, by key.
type bucket map[string]string

func (b bucket) Save(_ context.Context, key string, value any) (run.Object, error) {
	text, err := json.Marshal(value)
	b[key] = string(text)
	return run.Object{Bucket: "runs", Key: key}, err
}

func folder(name, bucket string, users ...string) account.Folder {
	return account.Folder{Name: name, S3: true, Bucket: bucket, MappedPath: "/tmp/sftpgo-folders/" + name, Users: users}
}

func TestHandleSavesAccounts(t *testing.T) {
	t.Parallel()
	runs := bucket{}
	object, err := listaccounts.Function{Runs: runs, Folders: server{folders: []account.Folder{
		folder("bob_x_org-org-dev-data", "org-dev-data", "bob@x.org"),
		folder("bob_x_org-org-dev-managed", "org-dev-managed", "bob@x.org"),
		folder("archive", "org-dev-data", "carl@x.org"),
		folder("alice_x_org-org-dev-data", "org-dev-data", "alice@x.org"),
	}}}.Handle(t.Context(), listaccounts.Event{Execution: "e1"})
	require.NoError(t, err)
	assert.Equal(t, run.Object{Bucket: "runs", Key: "runs/e1/accounts.json"}, object)
	assert.JSONEq(t, `["alice@x.org","bob@x.org"]`, runs["runs/e1/accounts.json"])
}

func TestHandleSavesAnEmptyList(t *testing.T) {
	t.Parallel()
	runs := bucket{}
	_, err := listaccounts.Function{Runs: runs, Folders: server{}}.Handle(t.Context(), listaccounts.Event{Execution: "e1"})
	require.NoError(t, err)
	assert.Equal(t, `[]`, runs["runs/e1/accounts.json"])
}

func TestHandleSavesNoPartOfAList(t *testing.T) {
	t.Parallel()
	runs := bucket{}
	pageTwo := server{
		folders: []account.Folder{folder("bob_x_org-org-dev-data", "org-dev-data", "bob@x.org")},
		err:     errkind.Errorf(errkind.Unavailable, "page two: no answer"),
	}
	_, err := listaccounts.Function{Runs: runs, Folders: pageTwo}.Handle(t.Context(), listaccounts.Event{Execution: "e1"})
	assert.ErrorContains(t, err, "no IAM user claims: page two")
	assert.Equal(t, errkind.Unavailable, errkind.Of(err))
	assert.Empty(t, runs)
}
