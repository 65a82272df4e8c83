package local

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestChooseSystems(t *testing.T) {
	t.Parallel()
	chosen, err := chooseSystems([]string{SyncTransferUsers, SyncUsers, SyncUsers})
	require.NoError(t, err)
	assert.Equal(t, []*system{&syncUsers, &syncTransferUsers}, chosen)

	_, err = chooseSystems([]string{SyncUsers, "sync-user"})
	assert.ErrorContains(t, err, `there is no system "sync-user": choose from sync-users, sync-transfer-users`)
}

// Each system has names of its own in the one account.
func TestSystemsDoNotShareNames(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, s := range systems {
		for _, name := range []string{"stack " + s.stack, "queue " + s.mailbox} {
			assert.False(t, seen[name], name)
			seen[name] = true
		}
		for _, value := range s.exports(&Addresses{}, &Deployment{}) {
			assert.False(t, seen[value.Name], value.Name)
			seen[value.Name] = true
		}
	}
}
