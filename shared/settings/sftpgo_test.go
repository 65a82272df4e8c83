package settings_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/secret"
	"github.com/digipres/sync-users/shared/settings"
)

// fakeResolver has values by their references. It starts empty.
type fakeResolver map[string]string

var _ settings.Resolver = fakeResolver(nil)

func (f fakeResolver) Resolve(_ context.Context, setting, value string) (string, error) {
	if value == "broken" {
		return "", errors.New(setting + " is broken")
	}
	if referred, ok := f[value]; ok {
		return referred, nil
	}
	return value, nil
}

func TestResolveFollowsReferences(t *testing.T) {
	t.Parallel()
	resolver := fakeResolver{"ssm:/host": "https://sftpgo.example.org", "ssm:/name": "admin", "ssm:/password": "s3cr3t", "ssm:/key": "k3y"}
	tests := []struct {
		name             string
		give             settings.SFTPGo
		username         string
		password, apiKey string
	}{
		{
			name:     "username and password",
			give:     settings.SFTPGo{Host: "ssm:/host", Username: "ssm:/name", Password: secret.New("ssm:/password")},
			username: "admin", password: "s3cr3t",
		},
		{
			name:   "an API key instead of the others",
			give:   settings.SFTPGo{Host: "https://sftpgo.example.org", Username: "broken", Password: secret.New("broken"), APIKey: secret.New("ssm:/key")},
			apiKey: "k3y",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.give.Resolve(t.Context(), resolver)
			require.NoError(t, err)
			assert.Equal(t, "https://sftpgo.example.org", got.Host)
			assert.Equal(t, tt.username, got.Username)
			assert.Equal(t, tt.password, got.Password.Reveal())
			assert.Equal(t, tt.apiKey, got.APIKey.Reveal())
		})
	}
}

func TestResolveReturnsTheResolversError(t *testing.T) {
	t.Parallel()
	_, err := settings.SFTPGo{Host: "h", Username: "u", Password: secret.New("broken")}.Resolve(t.Context(), fakeResolver{})
	assert.EqualError(t, err, "SFTPGO_PASSWORD is broken")
}
