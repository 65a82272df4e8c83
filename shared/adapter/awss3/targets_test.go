package awss3

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// More keys than a page of a list has.
func TestKeysAreListedAndDeleted(t *testing.T) {
	t.Parallel()
	client := newFakeS3()
	runs := Runs{client: client, bucket: "runs"}
	for i := range 1_100 {
		_, err := runs.Save(t.Context(), fmt.Sprintf("manifest/a/%04d.json", i), i)
		require.NoError(t, err)
	}
	_, err := runs.Save(t.Context(), "manifest/b/base.json", 1)
	require.NoError(t, err)

	keys, err := runs.Keys(t.Context(), "manifest/a/")
	require.NoError(t, err)
	require.Len(t, keys, 1_100)
	assert.Equal(t, "manifest/a/1099.json", keys[1_099])

	require.NoError(t, runs.Delete(t.Context(), keys))
	require.NoError(t, runs.Delete(t.Context(), nil))
	keys, err = runs.Keys(t.Context(), "manifest/")
	require.NoError(t, err)
	assert.Equal(t, []string{"manifest/b/base.json"}, keys)
}
