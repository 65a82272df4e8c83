package settings_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/secret"
	"github.com/digipres/sync-users/shared/settings"
)

var sendFileEnvironment = []string{
	"SSH_HOST=sftp.example.org", "SSH_USERNAME=partner", "SSH_PASSWORD=p4ss", "SSH_HOST_KEYS=ssh-ed25519 AAAA",
	"RUNS_BUCKET=runs", "SOURCE_BUCKET=source",
}

// The names of lambda-s3-sftp are enough, with the host's key and the buckets.
func TestSendFileDefaults(t *testing.T) {
	t.Parallel()
	s, err := settings.Read[settings.SendFile](sendFileEnvironment)
	require.NoError(t, err)
	assert.Equal(t, "sftp.example.org:22", s.Address())
	assert.Equal(t, "{key}", s.Name)
	assert.Equal(t, []string{"delete", "replace", "size"}, []string{s.After, s.Existing, s.Verify})
	assert.Equal(t, time.Minute, s.StallLimit)
	assert.NotContains(t, fmt.Sprintf("%+v", s), "p4ss")
}

func TestSendFileSettingsAreChecked(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, give, want string }{
		{"no credentials", "SSH_PASSWORD=", "SSH_PASSWORD or SSH_PRIVATE_KEY"},
		{"no host key", "SSH_HOST_KEYS=", "SSH_HOST_KEYS"},
		{"a wrong port", "SSH_PORT=70000", "70000"},
		{"a wrong time", "SSH_STALL_LIMIT=1ms", "SSH_STALL_LIMIT"},
		{"a wrong template", "SSH_FILENAME={x}", "{x}"},
		{"a wrong action", "AFTER=x", "archive:<prefix>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := settings.Read[settings.SendFile](append(append([]string{}, sendFileEnvironment...), tt.give))
			assert.Equal(t, errkind.Misconfigured, errkind.Of(err))
			assert.ErrorContains(t, err, tt.want)
		})
	}
}

func TestSFTPReferencesAreResolved(t *testing.T) {
	t.Parallel()
	first, second := fakeResolver{"ssm:/password": "p4ss"}, fakeResolver{"secretsmanager:key": "PEM"}
	objects := fakeResolver{"bucket:keys/id_rsa": "PEM in S3", "abc:password": "never asked"}
	s := settings.SFTP{Host: "h", Username: "u", Password: secret.New("ssm:/password"), PrivateKey: secret.New("secretsmanager:key")}
	got, err := s.Resolve(t.Context(), settings.Resolvers{first, second}, objects)
	require.NoError(t, err)
	assert.Equal(t, "p4ss", got.Password.Reveal())
	assert.Equal(t, "PEM", got.PrivateKey.Reveal())

	s.Password, s.PrivateKey = secret.New("abc:password"), secret.New("bucket:keys/id_rsa")
	got, err = s.Resolve(t.Context(), settings.Resolvers{first, second}, objects)
	require.NoError(t, err)
	assert.Equal(t, "abc:password", got.Password.Reveal(), "only a key can be in S3")
	assert.Equal(t, "PEM in S3", got.PrivateKey.Reveal())

	s.Password = secret.New("broken")
	_, err = s.Resolve(t.Context(), settings.Resolvers{first, second}, objects)
	assert.ErrorContains(t, err, "SSH_PASSWORD")
}
