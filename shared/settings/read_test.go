package settings_test

import (
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/settings"
)

func TestReadDefaults(t *testing.T) {
	t.Parallel()
	log, err := settings.Read[settings.Log](nil)
	require.NoError(t, err)
	assert.Equal(t, slog.LevelInfo, log.Level)

	keys := settings.KeyPrefixes{AccessKeyPrefix: "/iam/access_key/", SecretKeyPrefix: "/iam/secret_key/"}
	discover, err := settings.Read[settings.DiscoverUsers]([]string{"RUNS_BUCKET=runs", "MANAGED_BUCKET=managed", "MAX_CONCURRENCY="})
	require.NoError(t, err)
	assert.Equal(t, settings.DiscoverUsers{
		RunsBucket: "runs", ManagedBucket: "managed", MaxConcurrency: 10, KeyPrefixes: keys, Directory: settings.Directory{AccountTag: "Email"},
	}, discover)

	sync, err := settings.Read[settings.SyncUser]([]string{"SFTPGO_HOST=https://sftpgo.example.org", "SFTPGO_API_KEY=k"})
	require.NoError(t, err)
	assert.Equal(t, "/iam/access_key/", sync.AccessKeyPrefix)
	assert.Equal(t, "/iam/secret_key/", sync.SecretKeyPrefix)
	assert.Empty(t, sync.S3Endpoint)

	transfer, err := settings.Read[settings.SyncTransferUserFunction]([]string{"TRANSFER_SERVER_ID=s-0123456789abcdef0", "RUNS_BUCKET=runs"})
	require.NoError(t, err)
	assert.Equal(t, settings.SyncTransferUserFunction{
		Transfer: settings.Transfer{ServerID: "s-0123456789abcdef0", SessionPolicy: true}, RunsBucket: "runs",
	}, transfer)
}

func TestReadReadsEveryVariable(t *testing.T) {
	t.Parallel()
	sync, err := settings.Read[settings.SyncUser]([]string{
		"SFTPGO_HOST=https://sftpgo.example.org", "SFTPGO_USERNAME=admin", "SFTPGO_PASSWORD=a=b", "SFTPGO_API_KEY=key",
		"ACCESS_KEY_PREFIX=/id/", "SECRET_KEY_PREFIX=/secret/", "SFTPGO_S3_ENDPOINT=http://127.0.0.1:9000", "OTHER=x",
	})
	require.NoError(t, err)
	assert.Equal(t, "https://sftpgo.example.org", sync.Host)
	assert.Equal(t, "admin", sync.Username)
	assert.Equal(t, "a=b", sync.Password.Reveal())
	assert.Equal(t, "key", sync.APIKey.Reveal())
	assert.Equal(t, "/id/", sync.AccessKeyPrefix)
	assert.Equal(t, "/secret/", sync.SecretKeyPrefix)
	assert.Equal(t, "http://127.0.0.1:9000", sync.S3Endpoint)
	assert.NotContains(t, fmt.Sprintf("%+v", sync), "a=b")
}

func TestReadNamesMissingAndWrongVariables(t *testing.T) {
	t.Parallel()
	discover := func(environment []string) error {
		_, err := settings.Read[settings.DiscoverUsers](environment)
		return err
	}
	sync := func(environment []string) error {
		_, err := settings.Read[settings.SyncUser](environment)
		return err
	}
	syncFunction := func(environment []string) error {
		_, err := settings.Read[settings.SyncUserFunction](environment)
		return err
	}
	transfer := func(environment []string) error {
		_, err := settings.Read[settings.SyncTransferUserFunction](environment)
		return err
	}
	log := func(environment []string) error {
		_, err := settings.Read[settings.Log](environment)
		return err
	}
	tests := []struct {
		name string
		read func([]string) error
		give []string
		want []string
	}{
		{"all missing variables", discover, nil, []string{"RUNS_BUCKET", "MANAGED_BUCKET"}},
		{"empty", discover, []string{"RUNS_BUCKET=", "MANAGED_BUCKET=m"}, []string{"RUNS_BUCKET"}},
		{"not a number", discover, []string{"RUNS_BUCKET=r", "MANAGED_BUCKET=m", "MAX_CONCURRENCY=ten"}, []string{"MAX_CONCURRENCY", "ten"}},
		{"zero, which would be no limit", discover, []string{"RUNS_BUCKET=r", "MANAGED_BUCKET=m", "MAX_CONCURRENCY=0"}, []string{"MAX_CONCURRENCY"}},
		{"no bucket for the lock", syncFunction, []string{"SFTPGO_HOST=https://sftpgo.example.org"}, []string{"RUNS_BUCKET"}},
		{"no host of the function", syncFunction, []string{"RUNS_BUCKET=r"}, []string{"SFTPGO_HOST"}},
		{"no host", sync, []string{"SFTPGO_API_KEY=k"}, []string{"SFTPGO_HOST"}},
		{"no server", transfer, []string{"RUNS_BUCKET=r"}, []string{"TRANSFER_SERVER_ID"}},
		{"no server's id", transfer, []string{"RUNS_BUCKET=r", "TRANSFER_SERVER_ID=sftp.example.org"}, []string{"TRANSFER_SERVER_ID", "s-0123456789abcdef0"}},
		{"neither true nor false", transfer, []string{"RUNS_BUCKET=r", "TRANSFER_SERVER_ID=s-0123456789abcdef0", "SESSION_POLICY=maybe"}, []string{"SESSION_POLICY"}},
		{"neither ended nor left open", transfer, []string{"RUNS_BUCKET=r", "TRANSFER_SERVER_ID=s-0123456789abcdef0", "END_SESSIONS=maybe"}, []string{"END_SESSIONS"}},
		{"not a level", log, []string{"LOG_LEVEL=loud"}, []string{"LOG_LEVEL", "loud"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := tt.read(tt.give)
			assert.Equal(t, errkind.Misconfigured, errkind.Of(err))
			for _, text := range tt.want {
				assert.ErrorContains(t, err, text)
			}
		})
	}
}
