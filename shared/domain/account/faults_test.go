package account_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/account/accounttest"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

// faultyServer fails calls, some of them after the server has done what they ask.
// Errors other than Unavailable last as long as the faults do.
type faultyServer struct {
	*accounttest.Server
	fails func(call string) errkind.Kind
	lost  func(call string) bool
}

func (s *faultyServer) call(call string, do func() error) error {
	kind := s.fails(call)
	if kind != "" && !s.lost(call) {
		return errkind.Errorf(kind, "%s: before", call)
	}
	if err := do(); err != nil || kind == "" {
		return err
	}
	return errkind.Errorf(errkind.Unavailable, "%s: after", call)
}

func (s *faultyServer) EditAccount(ctx context.Context, a *account.Account, edit account.Edit) error {
	return s.call("edit", func() error { return s.Server.EditAccount(ctx, a, edit) })
}

func (s *faultyServer) CreateFolder(ctx context.Context, spec account.Spec, keys account.Keys) error {
	return s.call("create", func() error { return s.Server.CreateFolder(ctx, spec, keys) })
}

func (s *faultyServer) UpdateFolder(ctx context.Context, folder *account.Folder, spec account.Spec, keys account.Keys) error {
	return s.call("update", func() error { return s.Server.UpdateFolder(ctx, folder, spec, keys) })
}

func (s *faultyServer) DeleteFolder(ctx context.Context, name string) error {
	return s.call("delete", func() error { return s.Server.DeleteFolder(ctx, name) })
}

// session is an open session: the keys that it has by bucket, and how often sessions
// were ended before.
type session struct {
	keys  map[string]string
	ended int
}

func openSession(s *accounttest.Server) session {
	keys := map[string]string{}
	for _, mapped := range s.Accounts[email].Folders {
		folder := s.Folders[mapped.Name]
		keys[folder.Bucket] = folder.AccessKeyID
	}
	return session{keys, s.Disconnects[email]}
}

// Whatever calls fail, before or after the server has done them, the account never
// shows what neither the old nor the new memberships give, never loses what both
// give, and shows what a success reports. One calm run leaves no other record, and no
// session with keys or buckets that the account has no more.
func TestSyncWithFaults(t *testing.T) {
	t.Parallel()
	all := []string{"org-dev-data", "org-dev-managed", "org-prod-data", "org-test-data"}
	rapid.Check(t, func(t *rapid.T) {
		s := accounttest.NewServer(email)
		faulty := &faultyServer{
			Server: s,
			fails: func(call string) errkind.Kind {
				return rapid.SampledFrom([]errkind.Kind{"", "", errkind.Unavailable, errkind.AccessDenied, errkind.Conflict}).Draw(t, call)
			},
			lost: func(call string) bool { return rapid.Bool().Draw(t, call+" lost") },
		}
		keys := accounttest.Keys{"alice": "AKIA1"}
		syncer := account.Syncer{Accounts: faulty, FolderReader: faulty, FolderWriter: faulty, Keys: keys}
		var shown []string
		var sessions []session
		for range rapid.IntRange(1, 6).Draw(t, "runs") {
			user := alice(rapid.SliceOfDistinct(rapid.SampledFrom(all), rapid.ID[string]).Draw(t, "buckets")...)
			keys["alice"] = rapid.SampledFrom([]string{"AKIA1", "AKIA2"}).Draw(t, "key")
			sessions = append(sessions, openSession(s))
			result, err := syncer.Sync(t.Context(), user, false)
			now := bucketsOf(s)
			for _, bucket := range now {
				if !slices.Contains(shown, bucket) && !slices.Contains(user.BucketNames(), bucket) {
					t.Fatalf("shows %s", bucket)
				}
			}
			for _, bucket := range user.BucketNames() {
				if slices.Contains(shown, bucket) && !slices.Contains(now, bucket) {
					t.Fatalf("lost %s", bucket)
				}
			}
			if err == nil && result.Outcome != run.Skipped && !slices.Equal(now, result.Buckets) {
				t.Fatalf("reports %v, shows %v", result.Buckets, now)
			}
			shown = now
		}

		last := alice(rapid.SliceOfDistinct(rapid.SampledFrom(all), rapid.ID[string]).Draw(t, "last buckets")...)
		if _, err := newSyncer(s, keys).Sync(t.Context(), last, false); err != nil {
			t.Fatal(err)
		}
		if _, err := newCleaner(s).DeleteLeftovers(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		if want := slices.Sorted(slices.Values(last.BucketNames())); !slices.Equal(bucketsOf(s), want) || len(s.Folders) != len(want) {
			t.Fatalf("shows %v, has %d records, want %v", bucketsOf(s), len(s.Folders), want)
		}
		for name, folder := range s.Folders {
			if folder.AccessKeyID != keys["alice"] {
				t.Fatalf("%s has key %s", name, folder.AccessKeyID)
			}
		}
		for _, session := range sessions {
			for bucket, key := range session.keys {
				if (key != keys["alice"] || !slices.Contains(bucketsOf(s), bucket)) && s.Disconnects[email] == session.ended {
					t.Fatalf("a session with key %s for %s is open", key, bucket)
				}
			}
		}
	})
}

func bucketsOf(s *accounttest.Server) []string {
	var buckets []string
	for _, path := range s.Paths(email) {
		buckets = append(buckets, strings.TrimPrefix(path, "/"))
	}
	return buckets
}
