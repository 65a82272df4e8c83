package command

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/access"
)

// reportKeys has IAM report a key for those whose accounts have one: of bob an old one, and
// of erin a new one, because hers was replaced.
func reportKeys(f *fixture) {
	mapForOthers(f)
	now := time.Now().UTC()
	f.report = access.CredentialReport{GeneratedAt: now.Add(-time.Hour), Keys: map[string][]access.ReportedKey{
		"alice": {{Active: true, CreatedAt: now.AddDate(0, 0, -3)}},
		"bob":   {{Active: true, CreatedAt: now.AddDate(0, 0, -100), LastUsedAt: now.Add(-time.Hour), LastUsedService: "s3"}},
		"dave":  {{CreatedAt: now.AddDate(-1, 0, 0), LastUsedAt: now.AddDate(0, -6, 0)}},
		"erin":  {{Active: true, CreatedAt: now.AddDate(0, 0, -1)}},
	}}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"keys.txt":       {"keys"},
		"keys-exact.txt": {"keys", "--exact"},
		"keys-older.txt": {"keys", "--older-than", "90d"},
		"keys-erin.txt":  {"keys", "erin@example.org"},
		"keys.json":      {"keys", "-o", "json"},
		"keys.csv":       {"keys", "-o", "csv"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := runCommand(t, reportKeys, args...)
			assert.Equal(t, success, got.code, got.err)
			assert.Empty(t, got.err)
			golden(t, name, got.out)
			assert.NotContains(t, got.out, "AKIA", "no whole id")
		})
	}
	decoded[access.Keys](t, runCommand(t, reportKeys, "keys", "-o", "json").out)
}
