package command

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/discover"
)

func TestAccess(t *testing.T) {
	t.Parallel()
	got := runCommand(t, mapForOthers, "access")
	assert.Equal(t, success, got.code)
	assert.Empty(t, got.err)
	golden(t, "access.txt", got.out)
	golden(t, "access-differences.txt", runCommand(t, mapForOthers, "access", "--differences").out)
}

func TestAccessFormats(t *testing.T) {
	t.Parallel()
	hostile := func(f *fixture) {
		mapForOthers(f)
		f.addUser("=cmd@evil", "=HYPERLINK(1)@example.org", "digipres-prod-users")
	}
	golden(t, "access.json", runCommand(t, hostile, "access", "-o", "json").out)
	golden(t, "access.csv", runCommand(t, hostile, "access", "-o", "csv").out)
}

func TestAccessPage(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "access.html")
	hostile := func(f *fixture) {
		mapForOthers(f)
		f.addUser("mallory", `<img src=x onerror=alert(1)>`, "digipres-prod-users")
	}
	got := runCommand(t, hostile, "access", "--html", file)
	assert.Equal(t, success, got.code)
	assert.Empty(t, got.out)
	assert.Equal(t, "Wrote "+file+"\n", got.err)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	_, body, _ := strings.Cut(string(text), "<body>")
	body, _, _ = strings.Cut(body, "<script>")
	golden(t, "access-page.txt", tags.ReplaceAllString(strings.ReplaceAll(body, "</td><td", " |</td><td"), "\n"))
	assert.NotContains(t, body, "<img")

	require.Equal(t, success, runCommand(t, nil, "access", "--html", file, "--differences").code)
	text, err = os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(text), "only what is not as it should be")
	assert.NotContains(t, string(text), "erin@example.org")

	got = runCommand(t, nil, "access", "--html", filepath.Join(t.TempDir(), "absent", "access.html"))
	assert.Equal(t, failure, got.code)
	assert.Contains(t, got.err, "no such file or directory. Name a file")
}

// tags matches what stands between two texts of a page.
var tags = regexp.MustCompile(`\s*(<[^>]*>\s*)+`)

// Five thousand people are read by lists, and shown in a moment.
func TestAccessOfThousands(t *testing.T) {
	t.Parallel()
	const people = 5000
	f := newFixture()
	for i := range people {
		f.users = append(f.users, discover.IAMUser{
			Username: fmt.Sprintf("user%04d", i), Email: fmt.Sprintf("user%04d@example.org", i), Groups: []string{"digipres-prod-users"},
		})
	}
	f.server.Calls = nil
	got := f.run(t.Context(), "access")
	assert.Equal(t, success, got.code)
	assert.Equal(t, []string{"GET folders"}, f.server.Calls)
	assert.Equal(t, people, strings.Count(got.out, "+digipres-prod-archive"))
	assert.Contains(t, got.out, fmt.Sprintf("user%04d", people-1))
}
