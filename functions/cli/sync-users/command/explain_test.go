package command

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/explain"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	for _, username := range []string{"alice", "bob", "carol", "dave", "erin", "frank", "heidi"} {
		t.Run(username, func(t *testing.T) {
			t.Parallel()
			got := runCommand(t, func(f *fixture) {
				f.server.MapFolder("alice@example.org", account.Folder{Name: "homework", Path: "/homework"})
			}, "explain", username)
			assert.Equal(t, success, got.code)
			assert.Empty(t, got.err)
			golden(t, "explain-"+username+".txt", got.out)
		})
	}
}

func TestExplainFormats(t *testing.T) {
	t.Parallel()
	got := runCommand(t, nil, "explain", "alice@example.org", "-o", "json")
	golden(t, "explain.json", got.out)
	assert.Equal(t, "alice", decoded[explain.Explanation](t, got.out).Username)
	golden(t, "explain-keyless.json", runCommand(t, nil, "explain", "carol", "-o", "json").out)
	golden(t, "explain-shared.json", runCommand(t, func(f *fixture) {
		f.addUser("coral", "carol@example.org")
		f.mapBucket("carol@example.org", "digipres-dev1-data", "AKIACAROL0")
		f.errors["keys"] = errors.New("AccessDenied")
		f.keys["carol"] = "AKIACAROL1"
	}, "explain", "carol", "-o", "json").out)
	golden(t, "explain.csv", runCommand(t, nil, "explain", "alice", "-o", "csv").out)
}

// There is a sentence for whatever may be wrong.
func TestExplainFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give func(*fixture)
		want string
	}{
		{"one tag on two users", func(f *fixture) { f.addUser("alias", "Alice@example.org") }, "alice@example.org is also that of alias"},
		{"a stack without buckets", func(f *fixture) { f.buckets = []string{"digipres-prod-archive"} }, "the stack has no bucket"},
		{"IAM may not be asked", func(f *fixture) { f.errors["keys"] = errors.New("AccessDenied") }, "IAM was not asked: AccessDenied"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := runCommand(t, tt.give, "explain", "alice")
			assert.Equal(t, success, got.code)
			assert.Contains(t, got.out, tt.want)
		})
	}
}
