package awss3

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

func TestRunsRoundTrip(t *testing.T) {
	t.Parallel()
	store := newFakeStore()
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

func TestLoadFails(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give map[string]fakeObject
		want string
	}{
		{"no object", nil, "read s3://runs/key: NoSuchKey"},
		{"no JSON", map[string]fakeObject{"runs/key": {body: []byte("<xml>")}}, "read s3://runs/key as JSON"},
		{"half of the JSON", map[string]fakeObject{"runs/key": {body: []byte(`[{"username":"al`)}}, "read s3://runs/key as JSON"},
		{"too large", map[string]fakeObject{"runs/key": {size: largest + 1}}, "read s3://runs/key: its 67108865 bytes are more than 64 MiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := newFakeStore()
			store.objects = tt.give
			var users []run.User
			err := Runs{client: store, bucket: "runs"}.Load(t.Context(), run.Object{Bucket: "runs", Key: "key"}, &users)
			assert.ErrorContains(t, err, tt.want)
			assert.Equal(t, errkind.Unexpected, errkind.Of(err))
		})
	}
}

func TestSaveFails(t *testing.T) {
	t.Parallel()
	store := newFakeStore()
	store.refuse["PutObject1"] = answer("AccessDenied")
	runs := Runs{client: store, bucket: "runs"}
	_, err := runs.Save(t.Context(), "key", 1)
	assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
	assert.ErrorContains(t, err, "s3://runs/key")
	_, err = runs.Save(t.Context(), "key", math.NaN())
	assert.ErrorContains(t, err, "as JSON")
}
