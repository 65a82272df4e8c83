package connectors

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRate(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	r := newRate(3, func() time.Time { return now })
	at := func(after time.Duration) bool {
		now = now.Add(after)
		return r.allow()
	}
	assert.True(t, at(0))
	assert.True(t, at(0))
	assert.True(t, at(500*time.Millisecond))
	assert.False(t, at(0))
	assert.False(t, at(499*time.Millisecond))
	assert.True(t, at(time.Millisecond), "a second after the first")
	assert.True(t, at(0))
	assert.False(t, at(0))
	assert.True(t, at(time.Hour))
}

// newQueue returns a queue whose workers are only counted.
func newQueue() (q *queue, workers *int) {
	workers = new(int)
	return &queue{start: func(func() (*task, bool)) { *workers++ }}, workers
}

func files(n int) []*task {
	tasks := make([]*task, n)
	for i := range tasks {
		tasks[i] = &task{Work: Work{Operation: "StartFileTransfer"}}
	}
	return tasks
}

func TestQueueTakesAThousandFiles(t *testing.T) {
	t.Parallel()
	q, workers := newQueue()
	require.True(t, q.add(5, files(995)...))
	assert.False(t, q.add(5, files(6)...), "all or none")
	assert.True(t, q.add(5, files(5)...))
	assert.False(t, q.add(5, files(1)...))
	assert.True(t, q.add(5, &task{Work: Work{Operation: "StartDirectoryListing"}}), "a listing is no file")
	assert.Equal(t, 5, *workers)

	_, ok := q.next()
	require.True(t, ok)
	assert.True(t, q.add(5, files(1)...), "one is being transferred, and waits no more")
	assert.False(t, q.add(5, files(1)...))
}

func TestQueueHasNoMoreWorkersThanConnections(t *testing.T) {
	t.Parallel()
	q, workers := newQueue()
	require.True(t, q.add(2, files(1)...))
	assert.Equal(t, 1, *workers)
	require.True(t, q.add(2, files(9)...))
	assert.Equal(t, 2, *workers)
	for range 10 {
		_, ok := q.next()
		require.True(t, ok)
	}
	for range 2 {
		_, ok := q.next()
		require.False(t, ok, "the worker ends")
	}
	require.True(t, q.add(2, files(1)...))
	assert.Equal(t, 3, *workers, "another one begins")
	q.close()
	_, ok := q.next()
	assert.False(t, ok)
	assert.False(t, q.add(2, files(1)...))
}

func TestResultsAreKeptForSevenDays(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	r := newResults(func() time.Time { return now })
	key := transferKey{"c-1", "t-1"}
	r.add(key, []string{"/a", "/b", "/c"})
	r.set(key, 1, inProgress, nil)
	r.set(key, 2, failed, &Failure{"RETRIEVE_FILE_NOT_FOUND", "gone"})

	first, next, ok := r.page(key, 0, 2)
	require.True(t, ok)
	assert.Equal(t, []fileResult{{FilePath: "/a", StatusCode: queued}, {FilePath: "/b", StatusCode: inProgress}}, first)
	second, end, ok := r.page(key, next, 2)
	require.True(t, ok)
	assert.Equal(t, []fileResult{{FilePath: "/c", StatusCode: failed, FailureCode: "RETRIEVE_FILE_NOT_FOUND", FailureMessage: "gone"}}, second)
	assert.Zero(t, end)
	beyond, _, ok := r.page(key, 7, 2)
	assert.True(t, ok)
	assert.Empty(t, beyond)

	_, _, ok = r.page(transferKey{"c-2", "t-1"}, 0, 2)
	assert.False(t, ok, "another connector's")
	now = now.Add(7 * 24 * time.Hour)
	_, _, ok = r.page(key, 0, 2)
	assert.True(t, ok)
	now = now.Add(time.Second)
	_, _, ok = r.page(key, 0, 2)
	assert.False(t, ok)
}

func TestSecret(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("x", n) }
	tests := []struct {
		name, give, want string
	}{
		{name: "a password", give: `{"Username":"` + long(100) + `","Password":"` + long(1024) + `","other":"` + long(9000) + `"}`},
		{name: "a key", give: `{"Username":"archive","PrivateKey":"` + long(8192) + `"}`},
		{name: "no JSON", give: "hunter2", want: "the secret is not a JSON object of texts"},
		{name: "a number", give: `{"Username":"archive","Password":12345}`, want: "the secret is not a JSON object of texts"},
		{name: "no username", give: `{"Password":"hunter2"}`, want: "the secret has no Username"},
		{name: "neither", give: `{"Username":"archive"}`, want: "the secret has neither a Password nor a PrivateKey"},
		{name: "a long secret", give: `{"Username":"archive","Password":"p","other":"` + long(12_000) + `"}`, want: "the secret has more than 12000 characters"},
		{name: "a long username", give: `{"Username":"` + long(101) + `","Password":"p"}`, want: "the secret's Username has more than 100 characters"},
		{name: "a long password", give: `{"Username":"archive","Password":"` + long(1025) + `"}`, want: "the secret's Password has more than 1024 characters"},
		{name: "a long key", give: `{"Username":"archive","PrivateKey":"` + long(8193) + `"}`, want: "the secret's PrivateKey has more than 8192 characters"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := parseSecret(tt.give)
			if tt.want == "" {
				require.NoError(t, err)
			} else {
				require.EqualError(t, err, tt.want)
			}
		})
	}
}

func TestUnreadablePrivateKey(t *testing.T) {
	t.Parallel()
	_, err := login{privateKey: "hunter2"}.methods()
	assert.EqualError(t, err, "the secret's PrivateKey can't be read")
}

func TestNewListing(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 4, 4, 5, 0, time.FixedZone("", 3600))
	directory := fstest.MapFS{"a": {Data: []byte("12"), ModTime: at}, "b": {Mode: fs.ModeDir}, "c": {ModTime: at}}
	var entries []fs.FileInfo
	for _, name := range []string{"a", "b", "c"} {
		info, err := directory.Stat(name)
		require.NoError(t, err)
		entries = append(entries, info)
	}
	a, c := listedFile{"/out/a", "2026-01-02T03:04:05Z", 2}, listedFile{"/out/c", "2026-01-02T03:04:05Z", 0}
	b := []listedDirectory{{"/out/b"}}
	assert.Equal(t, listing{[]listedFile{a, c}, b, "false"}, newListing("/out/", entries, 3))
	assert.Equal(t, listing{[]listedFile{a}, b, "true"}, newListing("/out", entries, 2))
	assert.Equal(t, listing{[]listedFile{}, []listedDirectory{}, "false"}, newListing("/out", nil, 2))
}
