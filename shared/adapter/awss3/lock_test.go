package awss3

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

func newTurn(store *fakeStore) LockStore {
	return LockStore{client: store, object: run.Object{Bucket: "runs", Key: lockKey}}
}

func TestTurnFollowsTheRecord(t *testing.T) {
	t.Parallel()
	turns := newTurn(newFakeStore())
	holder, version, err := turns.Owner(t.Context())
	require.NoError(t, err)
	assert.Empty(t, holder)
	assert.Empty(t, version)

	require.NoError(t, turns.CompareAndSwap(t.Context(), "arn:one", version))
	holder, version, err = turns.Owner(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "arn:one", holder)

	require.NoError(t, turns.CompareAndSwap(t.Context(), "arn:two", version))
	holder, _, err = turns.Owner(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "arn:two", holder)
}

func TestHoldMoved(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		give    func(*fakeStore)
		version string
	}{
		{"another run made the record", func(f *fakeStore) { f.objects["runs/turn.json"] = fakeObject{body: []byte(`{}`)} }, ""},
		{"another run changed the record", func(f *fakeStore) { f.objects["runs/turn.json"] = fakeObject{body: []byte(`{}`)} }, `"old"`},
		{"the record is gone", func(*fakeStore) {}, `"old"`},
		{"another run writes at this moment", func(f *fakeStore) { f.refuse["PutObject1"] = answer("ConditionalRequestConflict") }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := newFakeStore()
			tt.give(store)
			assert.ErrorIs(t, newTurn(store).CompareAndSwap(t.Context(), "arn:one", tt.version), runlock.ErrConflict)
		})
	}
}

func TestHoldIsGivenOnce(t *testing.T) {
	t.Parallel()
	turns := newTurn(newFakeStore())
	var taken atomic.Int32
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if turns.CompareAndSwap(t.Context(), "arn:one", "") == nil {
				taken.Add(1)
			}
		})
	}
	group.Wait()
	assert.Equal(t, int32(1), taken.Load())
}

func TestTurnFails(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give func(*fakeStore)
		want errkind.Kind
	}{
		{"denied", func(f *fakeStore) { f.refuse["GetObject1"] = answer("AccessDenied") }, errkind.AccessDenied},
		{"no record of a turn", func(f *fakeStore) { f.objects["runs/turn.json"] = fakeObject{body: []byte("hello")} }, errkind.Misconfigured},
		{"a record without end", func(f *fakeStore) {
			f.objects["runs/turn.json"] = fakeObject{body: []byte(`{"holder":"` + strings.Repeat("a", maxLockSize) + `"}`)}
		}, errkind.Misconfigured},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := newFakeStore()
			tt.give(store)
			_, _, err := newTurn(store).Owner(t.Context())
			assert.Equal(t, tt.want, errkind.Of(err))
			assert.ErrorContains(t, err, "s3://runs/turn.json")
		})
	}
	t.Run("denied to write", func(t *testing.T) {
		t.Parallel()
		store := newFakeStore()
		store.refuse["PutObject1"] = answer("AccessDenied")
		err := newTurn(store).CompareAndSwap(t.Context(), "arn:one", "")
		assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
	})
}
