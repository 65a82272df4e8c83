package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/settings"
)

func TestFlagsGoBeforeTheEnvironment(t *testing.T) {
	t.Parallel()
	environment := []string{"SFTPGO_HOST=https://old", "SFTPGO_USERNAME=old", "SFTPGO_PASSWORD=old", "SFTPGO_API_KEY=old"}
	tests := []struct {
		name                             string
		give                             sftpgoFlags
		host, username, password, apiKey string
	}{
		{"none", sftpgoFlags{}, "https://old", "old", "old", "old"},
		{"host", sftpgoFlags{host: "https://new"}, "https://new", "old", "old", "old"},
		{"a password, which the other API key must not replace", sftpgoFlags{username: "new", password: "ssm:/new"}, "https://old", "new", "ssm:/new", ""},
		{"an API key", sftpgoFlags{apiKey: "ssm:/new"}, "https://old", "old", "old", "ssm:/new"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			over, err := tt.give.over(environment)
			require.NoError(t, err)
			got, err := settings.Read[settings.SFTPGo](over)
			require.NoError(t, err)
			assert.Equal(t, tt.host, got.Host)
			assert.Equal(t, tt.username, got.Username)
			assert.Equal(t, tt.password, got.Password.Reveal())
			assert.Equal(t, tt.apiKey, got.APIKey.Reveal())
		})
	}
	assert.Len(t, environment, 4)
}

// A process's arguments are there for everybody on the machine to read.
func TestNoSecretAsAFlag(t *testing.T) {
	t.Parallel()
	for _, give := range []sftpgoFlags{{password: hidden}, {apiKey: hidden}} {
		_, err := give.over(nil)
		require.Error(t, err)
		text := explainError(err)[1].Text
		assert.Contains(t, text, "ssm:/sftpgo/password")
		assert.NotContains(t, text, hidden)
	}
}
