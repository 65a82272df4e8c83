package sendfile

import (
	"path"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestTemporaryNamesAreBesideThePlace(t *testing.T) {
	t.Parallel()
	object := Object{Bucket: "b", Key: "k", ETag: "e"}
	for _, place := range []string{"a", "/in/a", "in/x/a.csv", "/in/" + strings.Repeat("ä", 127), "/in/" + strings.Repeat("a", 255)} {
		temporary, backup := temporaryPath(place, object), backupPath(place)
		assert.NotEqual(t, temporary, backup)
		for _, name := range []string{temporary, backup} {
			assert.Equal(t, path.Dir(place), path.Dir(name))
			assert.LessOrEqual(t, len(path.Base(name)), 255)
			assert.True(t, utf8.ValidString(name))
			assert.NotEqual(t, place, name)
		}
	}
}

func TestNoTwoVersionsHaveOneTemporaryName(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, object := range []Object{
		{Bucket: "b", Key: "k", ETag: "e"}, {Bucket: "b", Key: "k", ETag: "f"}, {Bucket: "b", Key: "k", ETag: "e", VersionID: "v"},
		{Bucket: "b", Key: "ke", ETag: ""}, {Bucket: "bk", Key: "", ETag: "e"},
	} {
		name := temporaryPath("/in/a", object)
		assert.False(t, seen[name], object)
		seen[name] = true
	}
}
