package command

import (
	"testing"

	"github.com/digipres/sync-users/functions/cli/clitest"
	"github.com/digipres/sync-users/functions/cli/program"
)

// The reference is generated from the commands, and is up to date.
func TestReference(t *testing.T) {
	t.Parallel()
	clitest.AssertReference(t, *update, New(&program.Environment{}), "../../REFERENCE.md")
}
