package endtoend

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	plantedID     = "AKIAPLANTEDFORALICE0"
	plantedSecret = "planted/secret+of/alice0000000000000000"
)

// No command shows a secret at any log level, although debug logs every call.
func TestSecretsAreNotShown(t *testing.T) {
	newFixture(t, newUser("alice", devUsers), newUser("bob", devUsers))
	require.NoError(t, fixtures.StoreKeys(t.Context(), "alice", plantedID, plantedSecret))
	var all strings.Builder
	for _, level := range []string{"debug", "error"} {
		for _, args := range [][]string{
			{"check"}, {"plan"}, {"sync", "--yes"}, {"sync", "--yes", "-o", "json"}, {"explain", "alice"}, {"explain", "alice", "-o", "json"},
			{"start", "--follow"}, {"status"}, {"report"},
			{"who", "digipres-dev1-data", "-o", "json"}, {"access"}, {"access", "-o", "csv"}, {"history"}, {"history", "-o", "json"},
			{"keys"}, {"keys", "--exact", "-o", "json"}, {"plan", "--username", "alice", "--without-group", devUsers},
		} {
			got := syncUsers(t, append(args, "--log-level", level)...)
			all.WriteString(got.out + got.err)
			if level == "debug" {
				assert.Contains(t, got.err, "called AWS")
			}
		}
		require.NoError(t, fixtures.StoreKeys(t.Context(), "alice", plantedID+"1", plantedSecret+"1"))
	}
	wrong := syncUsersWith(t, map[string]string{"SFTPGO_PASSWORD": plantedSecret}, "plan", "--log-level", "debug")
	all.WriteString(wrong.out + wrong.err)
	assert.Contains(t, all.String(), "called SFTPGo")
	for _, secret := range []string{plantedSecret, plantedID, cloud.SFTPGoPassword, "Bearer ", "X-Amz-Security-Token"} {
		assert.NotContains(t, all.String(), secret)
	}
}
