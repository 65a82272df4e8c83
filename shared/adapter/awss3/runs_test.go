package awss3

import (
	"io"
	"math"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

func TestLoadReturnsWhatWasSaved(t *testing.T) {
	t.Parallel()
	store := newFakeS3()
	runs := Runs{client: store, bucket: "runs"}
	users := []run.User{{Username: "alice", Email: "alice@example.org", Stacks: []string{"digipres-dev1"}}}
	object, err := runs.Save(t.Context(), run.UsersKey("one"), users)
	require.NoError(t, err)
	assert.Equal(t, run.Object{Bucket: "runs", Key: "runs/one/users.json"}, object)
	assert.Equal(t, "application/json", store.objects["runs/runs/one/users.json"].contentType)
	var got []run.User
	require.NoError(t, runs.Load(t.Context(), object, &got))
	assert.Equal(t, users, got)
}

func TestLoadErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give map[string]fakeObject
		want string
	}{
		{"no object", nil, "read s3://runs/key: NoSuchKey"},
		{"not JSON", map[string]fakeObject{"runs/key": {body: []byte("<xml>")}}, "read s3://runs/key as JSON"},
		{"half of the JSON", map[string]fakeObject{"runs/key": {body: []byte(`[{"username":"al`)}}, "read s3://runs/key as JSON"},
		{"too large", map[string]fakeObject{"runs/key": {size: maxObjectSize + 1}}, "read s3://runs/key: its 67108865 bytes are more than 64 MiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := newFakeS3()
			store.objects = tt.give
			var users []run.User
			err := Runs{client: store, bucket: "runs"}.Load(t.Context(), run.Object{Bucket: "runs", Key: "key"}, &users)
			assert.ErrorContains(t, err, tt.want)
			assert.Equal(t, errkind.Unexpected, errkind.Of(err))
		})
	}
}

func TestOpenReadsObjectsOfAnySize(t *testing.T) {
	t.Parallel()
	store := newFakeS3()
	store.objects["runs/key"] = fakeObject{size: maxObjectSize + 1, body: []byte("hello")}
	body, err := Runs{client: store, bucket: "runs"}.Open(t.Context(), run.Object{Bucket: "runs", Key: "key"})
	require.NoError(t, err)
	defer body.Close()
	assert.NoError(t, iotest.TestReader(body, []byte("hello")))
}

func TestOpenErrorsHaveAKind(t *testing.T) {
	t.Parallel()
	store := newFakeS3()
	store.errors["GetObject1"] = apiError("SlowDown")
	_, err := Runs{client: store, bucket: "runs"}.Open(t.Context(), run.Object{Bucket: "runs", Key: "key"})
	assert.Equal(t, errkind.Throttled, errkind.Of(err))
	assert.ErrorContains(t, err, "s3://runs/key")
	_, err = objectBody{io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF))}.Read(make([]byte, 1))
	assert.Equal(t, errkind.Unavailable, errkind.Of(err))
}

func TestSaveErrors(t *testing.T) {
	t.Parallel()
	store := newFakeS3()
	store.errors["PutObject1"] = apiError("AccessDenied")
	runs := Runs{client: store, bucket: "runs"}
	_, err := runs.Save(t.Context(), "key", 1)
	assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
	assert.ErrorContains(t, err, "s3://runs/key")
	_, err = runs.Save(t.Context(), "key", math.NaN())
	assert.ErrorContains(t, err, "as JSON")
}

func TestNamesListsRunsByPrefix(t *testing.T) {
	t.Parallel()
	store := newFakeS3()
	for _, key := range []string{"runs/start-1/users.json", "runs/sync-1/report.json", "runs/sync-1/users.json", "runs/sync-2/users.json", "turn.json"} {
		store.objects["runs/"+key] = fakeObject{}
	}
	runs := Runs{client: store, bucket: "runs"}
	names, err := runs.Names(t.Context(), "sync-")
	require.NoError(t, err)
	assert.Equal(t, []string{"sync-1", "sync-2"}, names)

	store.errors["ListObjectsV23"] = apiError("AccessDenied")
	_, err = runs.Names(t.Context(), "")
	assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
}

func TestChangesOnEveryPageAreListed(t *testing.T) {
	t.Parallel()
	store := newFakeS3()
	runs := Runs{client: store, bucket: "runs"}
	at := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	for name, started := range map[string]time.Time{"before": at.Add(-time.Second), "one": at, "two": at.Add(time.Minute), "three": at.Add(time.Hour)} {
		_, err := runs.Save(t.Context(), run.ChangesKey(started, name), run.Report{})
		require.NoError(t, err)
	}
	store.objects["runs/runs/one/report.json"] = fakeObject{}
	got, err := runs.Changes(t.Context(), at)
	require.NoError(t, err)
	assert.Equal(t, []run.Object{
		{Bucket: "runs", Key: "changes/20261121T100000Z-one.json"},
		{Bucket: "runs", Key: "changes/20261121T100100Z-two.json"},
		{Bucket: "runs", Key: "changes/20261121T110000Z-three.json"},
	}, got)
	assert.Equal(t, 3, store.calls["ListObjectsV2"])

	store.errors["ListObjectsV25"] = apiError("SlowDown")
	_, err = runs.Changes(t.Context(), at)
	assert.ErrorContains(t, err, "list s3://runs/changes/")
	assert.Equal(t, errkind.Throttled, errkind.Of(err))
}
