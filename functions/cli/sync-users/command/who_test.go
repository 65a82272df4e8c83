package command

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/access"
	"github.com/digipres/sync-users/shared/domain/account"
)

// mapForOthers maps buckets for accounts and groups that no group of IAM gives them to.
func mapForOthers(f *fixture) {
	f.mapBucket("alice@example.org", "digipres-dev1-data", "AKIAALICE1")
	f.mapBucket("bob@example.org", "digipres-dev1-data", "AKIABOB1")
	f.server.AddAccount("gone@example.org")
	f.mapBucket("gone@example.org", "digipres-dev1-data", "AKIAGONE1")
	f.addUser("coral", "carol@example.org")
	f.server.MapFolder("heidi@example.org", account.Folder{
		Name: "shared-data", Path: "/data", S3: true, Bucket: "digipres-dev1-data", Groups: []string{"partners"},
	})
}

func TestWho(t *testing.T) {
	t.Parallel()
	got := runCommand(t, mapForOthers, "who", "digipres-dev1-data")
	assert.Equal(t, success, got.code)
	assert.Empty(t, got.err)
	golden(t, "who.txt", got.out)

	nobody := runCommand(t, func(f *fixture) { f.buckets = append(f.buckets, "digipres-test-new") }, "who", "digipres-test-new")
	assert.Equal(t, success, nobody.code)
	golden(t, "who-nobody.txt", nobody.out)
}

func TestWhoFormats(t *testing.T) {
	t.Parallel()
	got := runCommand(t, mapForOthers, "who", "digipres-dev1-data", "-o", "json")
	golden(t, "who.json", got.out)
	assert.Equal(t, 9, decoded[access.Reading](t, got.out).Users)
	golden(t, "who.csv", runCommand(t, mapForOthers, "who", "digipres-dev1-data", "-o", "csv").out)
}

// Whatever the number of people is, everything is read by lists.
func TestWhoReadsLists(t *testing.T) {
	t.Parallel()
	f := newFixture()
	f.run(t.Context(), "who", "digipres-dev1-data")
	assert.Equal(t, []string{"GET folders"}, f.server.Calls)
}
