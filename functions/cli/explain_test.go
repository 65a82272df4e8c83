package main

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
			got := inTown(t, func(town *town) {
				alice := town.accounts["alice@example.org"]
				alice.Folders = append(alice.Folders, account.Folder{Name: "homework", Path: "/homework"})
			}, "explain", username)
			assert.Equal(t, done, got.code)
			assert.Empty(t, got.err)
			golden(t, "explain-"+username+".txt", got.out)
		})
	}
}

func TestExplainForPrograms(t *testing.T) {
	t.Parallel()
	got := inTown(t, nil, "explain", "alice@example.org", "-o", "json")
	golden(t, "explain.json", got.out)
	assert.Equal(t, "alice", decoded[explain.Explanation](t, got.out).Username)
	golden(t, "explain-keyless.json", inTown(t, nil, "explain", "carol", "-o", "json").out)
	golden(t, "explain-shared.json", inTown(t, func(town *town) {
		town.add("coral", "carol@example.org")
		town.show("carol@example.org", "digipres-dev1-data", "AKIACAROL0")
		town.errors["keys"] = errors.New("AccessDenied")
		town.keys["carol"] = "AKIACAROL1"
	}, "explain", "carol", "-o", "json").out)
	golden(t, "explain.csv", inTown(t, nil, "explain", "alice", "-o", "csv").out)
}

// The page has a sentence for whatever may be wrong with somebody.
func TestExplainTrouble(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give func(*town)
		want string
	}{
		{"one tag on two users", func(t *town) { t.add("alias", "Alice@example.org") }, "alice@example.org is also that of alias"},
		{"a stack without buckets", func(t *town) { t.buckets = []string{"digipres-prod-archive"} }, "the stack has no bucket"},
		{"IAM may not be asked", func(t *town) { t.errors["keys"] = errors.New("AccessDenied") }, "IAM was not asked: AccessDenied"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := inTown(t, tt.give, "explain", "alice")
			assert.Equal(t, done, got.code)
			assert.Contains(t, got.out, tt.want)
		})
	}
}

func TestKeyLines(t *testing.T) {
	t.Parallel()
	tests := []struct {
		give explain.KeyStatus
		want string
	}{
		{explain.KeyInactive, "…ABCD is inactive"},
		{explain.KeyOfOtherUser, "the IAM user has no such access key"},
	}
	for _, tt := range tests {
		t.Run(string(tt.give), func(t *testing.T) {
			t.Parallel()
			lines := keyLines(explain.Explanation{Keys: explain.Keys{Stored: true, AccessKey: "…ABCD", Status: tt.give}})
			assert.Equal(t, wrong, lines[1].Mark)
			assert.Equal(t, tt.want, lines[1].Detail)
			assert.NotEmpty(t, lines[1].Remedy)
		})
	}
}
