package sftp_test

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/adapter/sftp"
	"github.com/digipres/sync-users/shared/adapter/sftp/sftptest"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

func TestCheckHostKeys(t *testing.T) {
	t.Parallel()
	s := newServer(t, withPassword("password"), sftptest.Ed25519Key(t), sftptest.ECDSAKey(t))
	offered, err := sftp.OfferedHostKeys(t.Context(), s.address.String())
	require.NoError(t, err)
	require.Len(t, offered, 2)
	config := settingsOf(s)

	config.HostKeys = offered[1].Line
	trusted, err := sftp.CheckHostKeys(config, offered)
	require.NoError(t, err)
	assert.Equal(t, offered[1:], trusted, "one of them is enough")

	config.HostKeys = newServer(t, withPassword("password"), sftptest.Ed25519Key(t)).hostKey
	_, err = sftp.CheckHostKeys(config, offered)
	assert.Equal(t, errkind.HostKeyChanged, errkind.Of(err))
	assert.ErrorContains(t, err, offered[0].Line)

	config.HostKeys = "not a key"
	_, err = sftp.CheckHostKeys(config, offered)
	assert.Equal(t, errkind.Misconfigured, errkind.Of(err))
}

func TestCountEntries(t *testing.T) {
	t.Parallel()
	s := newServer(t, withPassword("password"), sftptest.Ed25519Key(t))
	client := newClient(t, settingsOf(s), nil)
	require.NoError(t, client.Connect(t.Context()))
	n, err := client.CountEntries(t.Context(), "/")
	require.NoError(t, err)
	assert.Zero(t, n)
	require.NoError(t, client.MakeDirectories(t.Context(), "/in"))
	n, err = client.CountEntries(t.Context(), "/")
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	_, err = client.CountEntries(t.Context(), "/absent")
	assert.ErrorIs(t, err, fs.ErrNotExist)
}
