package command

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

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
