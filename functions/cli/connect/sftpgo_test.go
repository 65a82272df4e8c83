package connect

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/shared/settings"
)

func TestFlagsOverrideTheEnvironment(t *testing.T) {
	t.Parallel()
	environment := []string{"SFTPGO_HOST=https://old", "SFTPGO_USERNAME=old", "SFTPGO_PASSWORD=old", "SFTPGO_API_KEY=old"}
	tests := []struct {
		name                             string
		give                             SFTPGoFlags
		host, username, password, apiKey string
	}{
		{"none", SFTPGoFlags{}, "https://old", "old", "old", "old"},
		{"host", SFTPGoFlags{host: "https://new"}, "https://new", "old", "old", "old"},
		{"a password, over which the old API key must not take precedence", SFTPGoFlags{username: "new", password: "ssm:/new"}, "https://old", "new", "ssm:/new", ""},
		{"an API key", SFTPGoFlags{apiKey: "ssm:/new"}, "https://old", "old", "old", "ssm:/new"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			overridden, err := tt.give.override(environment)
			require.NoError(t, err)
			got, err := settings.Read[settings.SFTPGo](overridden)
			require.NoError(t, err)
			assert.Equal(t, tt.host, got.Host)
			assert.Equal(t, tt.username, got.Username)
			assert.Equal(t, tt.password, got.Password.Reveal())
			assert.Equal(t, tt.apiKey, got.APIKey.Reveal())
		})
	}
	assert.Len(t, environment, 4)
}

// Every user of the machine can read a process's arguments.
func TestNoSecretAsAFlag(t *testing.T) {
	t.Parallel()
	const secret = "wJalrXUtnFEMI"
	for _, give := range []SFTPGoFlags{{password: secret}, {apiKey: secret}} {
		_, err := give.override(nil)
		require.ErrorContains(t, err, "must be a reference")
		text := hint.Of(err)
		assert.Contains(t, text, "ssm:/sftpgo/password")
		assert.NotContains(t, err.Error()+text, secret)
	}
}
