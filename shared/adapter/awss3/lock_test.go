package awss3

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

func newLockStore(store *fakeS3) LockStore {
	return LockStore{client: store, object: run.Object{Bucket: "runs", Key: lockKey}}
}

func TestCompareAndSwapReplacesTheOwner(t *testing.T) {
	t.Parallel()
	lock := newLockStore(newFakeS3())
	record, err := lock.Read(t.Context())
	require.NoError(t, err)
	assert.Empty(t, record.Owner)
	assert.Empty(t, record.Version)

	require.NoError(t, lock.CompareAndSwap(t.Context(), "arn:one", record.Version))
	record, err = lock.Read(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "arn:one", record.Owner)

	require.NoError(t, lock.CompareAndSwap(t.Context(), "arn:two", record.Version))
	record, err = lock.Read(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "arn:two", record.Owner)
}

// The clock of this machine, which may be wrong, does not count.
func TestReadTellsTheTimesOfS3(t *testing.T) {
	t.Parallel()
	writtenAt := time.Date(2020, 2, 29, 12, 0, 0, 0, time.UTC)
	exists := true
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", writtenAt.Add(time.Minute).Format(http.TimeFormat))
		if !exists {
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, "<Error><Code>NoSuchKey</Code></Error>")
			return
		}
		w.Header().Set("Last-Modified", writtenAt.Format(http.TimeFormat))
		w.Header().Set("ETag", `"v1"`)
		_, _ = io.WriteString(w, `{"holder":"arn:one"}`)
	}))
	defer server.Close()
	lock := NewLockStore(aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: aws.AnonymousCredentials{}}, "runs")

	record, err := lock.Read(t.Context())
	require.NoError(t, err)
	assert.Equal(t, runlock.Record{Owner: "arn:one", Version: `"v1"`, WrittenAt: writtenAt, ReadAt: writtenAt.Add(time.Minute)}, record)
	assert.Equal(t, time.Minute, record.Age())

	exists = false
	record, err = lock.Read(t.Context())
	require.NoError(t, err)
	assert.Equal(t, runlock.Record{ReadAt: writtenAt.Add(time.Minute)}, record)
}

func TestCompareAndSwapFindsConflicts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		give    func(*fakeS3)
		version string
	}{
		{"another run created the object", func(f *fakeS3) { f.objects["runs/turn.json"] = fakeObject{body: []byte(`{}`)} }, ""},
		{"another run changed the object", func(f *fakeS3) { f.objects["runs/turn.json"] = fakeObject{body: []byte(`{}`)} }, `"old"`},
		{"the object was deleted", func(*fakeS3) {}, `"old"`},
		{"another run writes at the same time", func(f *fakeS3) { f.errors["PutObject1"] = apiError("ConditionalRequestConflict") }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := newFakeS3()
			tt.give(store)
			assert.ErrorIs(t, newLockStore(store).CompareAndSwap(t.Context(), "arn:one", tt.version), runlock.ErrConflict)
		})
	}
}

func TestOneOfManySwapsSucceeds(t *testing.T) {
	t.Parallel()
	lock := newLockStore(newFakeS3())
	var succeeded atomic.Int32
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if lock.CompareAndSwap(t.Context(), "arn:one", "") == nil {
				succeeded.Add(1)
			}
		})
	}
	group.Wait()
	assert.Equal(t, int32(1), succeeded.Load())
}

func TestLockStoreErrorsHaveAKind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give func(*fakeS3)
		want errkind.Kind
	}{
		{"reading is denied", func(f *fakeS3) { f.errors["GetObject1"] = apiError("AccessDenied") }, errkind.AccessDenied},
		{"not JSON", func(f *fakeS3) { f.objects["runs/turn.json"] = fakeObject{body: []byte("hello")} }, errkind.Misconfigured},
		{"larger than any owner", func(f *fakeS3) {
			f.objects["runs/turn.json"] = fakeObject{body: []byte(`{"holder":"` + strings.Repeat("a", maxLockSize) + `"}`)}
		}, errkind.Misconfigured},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := newFakeS3()
			tt.give(store)
			_, err := newLockStore(store).Read(t.Context())
			assert.Equal(t, tt.want, errkind.Of(err))
			assert.ErrorContains(t, err, "s3://runs/turn.json")
		})
	}
	t.Run("writing is denied", func(t *testing.T) {
		t.Parallel()
		store := newFakeS3()
		store.errors["PutObject1"] = apiError("AccessDenied")
		err := newLockStore(store).CompareAndSwap(t.Context(), "arn:one", "")
		assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
	})
}
