package account_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/account/accounttest"
	"github.com/digipres/sync-users/shared/domain/run"
)

// Whatever stacks and keys the user had before, a sync maps exactly the user's
// buckets with the current key, leaves no other folder record, and the next sync
// writes nothing.
func TestSyncConverges(t *testing.T) {
	t.Parallel()
	all := []string{"org-dev-data", "org-dev-managed", "org-prod-data", "org-prod-logs", "org-test-data"}
	rapid.Check(t, func(t *rapid.T) {
		s := accounttest.NewServer(email)
		s.MapFolder(email, account.Folder{Name: "own", Path: "/own", MappedPath: "/srv/own"})
		for range rapid.IntRange(1, 5).Draw(t, "steps") {
			user := alice(rapid.SliceOfDistinct(rapid.SampledFrom(all), rapid.ID[string]).Draw(t, "buckets")...)
			keys := accounttest.Keys{"alice": rapid.SampledFrom([]string{"AKIA1", "AKIA2"}).Draw(t, "key")}
			if _, err := newSyncer(s, keys).Sync(t.Context(), user, false); err != nil {
				t.Fatal(err)
			}
			want := []string{"/own"}
			for _, b := range user.Buckets {
				want = append(want, "/"+b.Name)
			}
			slices.Sort(want)
			if got := s.Paths(email); !slices.Equal(got, want) {
				t.Fatalf("shows %v, want %v", got, want)
			}
			if len(s.Folders) != len(want) {
				t.Fatalf("%d folder records, want %d", len(s.Folders), len(want))
			}
			for name, f := range s.Folders {
				if name != "own" && f.AccessKeyID != keys["alice"] {
					t.Fatalf("%s has key %s", name, f.AccessKeyID)
				}
			}
			s.Calls = nil
			again, err := newSyncer(s, keys).Sync(t.Context(), user, false)
			if err != nil {
				t.Fatal(err)
			}
			if len(s.Writes()) > 0 || again.Outcome == run.Updated || again.Outcome == run.Revoked {
				t.Fatalf("second sync: %s, wrote %v", again.Outcome, s.Writes())
			}
		}
	})
}
