package sftp_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"github.com/digipres/sync-users/shared/adapter/sftp"
	"github.com/digipres/sync-users/shared/adapter/sftp/sftptest"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/secret"
	"github.com/digipres/sync-users/shared/settings"
)

// values resolves references to themselves, unless they are in it.
type values map[string]string

func (v values) Resolve(_ context.Context, _, value string) (string, error) {
	if resolved, ok := v[value]; ok {
		return resolved, nil
	}
	return value, nil
}

func settingsOf(s *server) settings.SFTP {
	return settings.SFTP{
		Host: s.address.IP.String(), Port: s.address.Port, Username: "partner", Password: secret.New("password"),
		HostKeys: s.hostKey, StallLimit: time.Minute,
	}
}

func newClient(t *testing.T, s settings.SFTP, resolver values) *sftp.Client {
	t.Helper()
	client := sftp.New(s, resolver, resolver)
	t.Cleanup(client.Close)
	return client
}

func TestLogsInWithEveryKindOfKey(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		key        any
		passphrase string
	}{
		{"ed25519", sftptest.Ed25519Key(t), ""},
		{"ed25519 with a passphrase", sftptest.Ed25519Key(t), "open sesame"},
		{"ECDSA", sftptest.ECDSAKey(t), ""},
		{"RSA", sftptest.RSAKey(t, 2048), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, withKey(tt.key), tt.key)
			config := settingsOf(s)
			config.Password, config.PrivateKey, config.Passphrase = secret.Text{}, secret.New("bucket:keys/id"), secret.New(tt.passphrase)
			client := newClient(t, config, values{"bucket:keys/id": sftptest.PEM(t, tt.key, tt.passphrase)})
			require.NoError(t, client.Connect(t.Context()))
			_, err := client.Stat(t.Context(), "/")
			assert.NoError(t, err)
		})
	}
}

func TestLogsInWithKeyboardInteractive(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(_ *server, config *ssh.ServerConfig) {
		config.KeyboardInteractiveCallback = func(_ ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			answers, err := ask("", "", []string{"Password: "}, []bool{false})
			if err != nil || len(answers) != 1 || answers[0] != "password" {
				return nil, errors.New("refused")
			}
			return nil, nil
		}
	}, sftptest.Ed25519Key(t))
	require.NoError(t, newClient(t, settingsOf(s), nil).Connect(t.Context()))
}

func TestCredentialsThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	s := newServer(t, withPassword("password"), sftptest.Ed25519Key(t))
	tests := []struct{ name, key, passphrase, want string }{
		{"no key", "not a key", "", "no private key in PEM"},
		{"a passphrase is missing", sftptest.PEM(t, sftptest.Ed25519Key(t), "x"), "", "SSH_PRIVATE_KEY_PASSPHRASE"},
		{"a wrong passphrase", sftptest.PEM(t, sftptest.Ed25519Key(t), "x"), "y", "does not decrypt"},
		{"a short RSA key", sftptest.PEM(t, sftptest.RSAKey(t, 1024), ""), "", "1024 bits"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			config := settingsOf(s)
			config.PrivateKey, config.Passphrase = secret.New(tt.key), secret.New(tt.passphrase)
			err := newClient(t, config, nil).Connect(t.Context())
			assert.Equal(t, errkind.Misconfigured, errkind.Of(err))
			assert.ErrorContains(t, err, tt.want)
			assert.NotContains(t, err.Error(), tt.key[:8], "a key is a secret")
		})
	}
	assert.Zero(t, s.logins.Load())
}

func TestHostKeysOfAllForms(t *testing.T) {
	t.Parallel()
	rsaHost := sftptest.RSAKey(t, 2048)
	s := newServer(t, withPassword("password"), sftptest.Ed25519Key(t), sftptest.ECDSAKey(t), rsaHost)
	lines := strings.Split(strings.TrimSpace(s.hostKey), "\n")
	require.Len(t, lines, 3)
	for _, text := range []string{
		lines[0], lines[1], lines[2], // each type alone
		"[partner.example.org]:2222,192.0.2.1 " + lines[1],
		"# the partner's\n\npartner.example.org " + lines[2] + " comment\n",
		lines[0] + ";" + lines[1],
	} {
		config := settingsOf(s)
		config.HostKeys = text
		assert.NoError(t, newClient(t, config, nil).Connect(t.Context()), text)
	}
}

func TestHostKeyIsRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t, withPassword("password"), sftptest.Ed25519Key(t))
	other, err := ssh.NewSignerFromKey(sftptest.ECDSAKey(t))
	require.NoError(t, err)
	otherLine := string(ssh.MarshalAuthorizedKey(other.PublicKey()))
	tests := []struct {
		name, give string
		kind       errkind.Kind
		want       string
	}{
		{"a key of another type", otherLine, errkind.HostKeyChanged, strings.TrimSpace(s.hostKey)},
		{"revoked", "@revoked * " + s.hostKey + otherLine + s.hostKey, errkind.HostKeyChanged, "revoked"},
		{"a certificate authority", "@cert-authority * " + s.hostKey, errkind.Misconfigured, "@cert-authority"},
		{"no key", "partner.example.org", errkind.Misconfigured, "partner.example.org"},
		{"empty", " \n# none", errkind.Misconfigured, "ssh-keyscan"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			config := settingsOf(s)
			config.HostKeys = tt.give
			err := newClient(t, config, nil).Connect(t.Context())
			assert.Equal(t, tt.kind, errkind.Of(err), "%v", err)
			assert.ErrorContains(t, err, tt.want)
		})
	}
	assert.Zero(t, s.logins.Load(), "nobody else gets the password")
}

func TestOfferedHostKeysAreThoseOfTheServer(t *testing.T) {
	t.Parallel()
	s := newServer(t, withPassword("password"), sftptest.RSAKey(t, 2048), sftptest.Ed25519Key(t), sftptest.ECDSAKey(t))
	keys, err := sftp.OfferedHostKeys(t.Context(), s.address.String())
	require.NoError(t, err)
	var lines []string
	for _, key := range keys {
		lines = append(lines, key.Line)
		assert.True(t, strings.HasPrefix(key.Fingerprint, "SHA256:"))
	}
	assert.ElementsMatch(t, strings.Split(strings.TrimSpace(s.hostKey), "\n"), lines)
	assert.Zero(t, s.logins.Load())
}

func TestSecretIsReadAgainWhenItIsRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t, withPassword("new"), sftptest.Ed25519Key(t))
	config := settingsOf(s)
	config.Password = secret.New("ssm:/password")
	stored := values{"ssm:/password": "old"}
	client := newClient(t, config, stored)
	assert.Equal(t, errkind.LoginRefused, errkind.Of(client.Connect(t.Context())))
	assert.Equal(t, errkind.LoginRefused, errkind.Of(client.Connect(t.Context())))
	assert.EqualValues(t, 1, s.logins.Load(), "the same secret is not tried again")
	stored["ssm:/password"] = "new"
	assert.NoError(t, client.Connect(t.Context()))
}

func TestConnectionIsKept(t *testing.T) {
	t.Parallel()
	s := newServer(t, withPassword("password"), sftptest.Ed25519Key(t))
	client := newClient(t, settingsOf(s), nil)
	for range 3 {
		require.NoError(t, client.Connect(t.Context()))
	}
	assert.EqualValues(t, 1, s.logins.Load())
}

func TestWeakAlgorithmsAreRefused(t *testing.T) {
	t.Parallel()
	for name, weaken := range map[string]func(*ssh.ServerConfig){
		"key exchange": func(c *ssh.ServerConfig) { c.KeyExchanges = []string{ssh.InsecureKeyExchangeDH14SHA1} },
		"cipher":       func(c *ssh.ServerConfig) { c.Ciphers = []string{ssh.InsecureCipherAES128CBC} },
		"MAC":          func(c *ssh.ServerConfig) { c.Ciphers, c.MACs = []string{ssh.CipherAES128CTR}, []string{ssh.HMACSHA1} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, func(s *server, config *ssh.ServerConfig) {
				withPassword("password")(s, config)
				weaken(config)
			}, sftptest.Ed25519Key(t))
			err := newClient(t, settingsOf(s), nil).Connect(t.Context())
			assert.Equal(t, errkind.Misconfigured, errkind.Of(err), "%v", err)
			assert.Zero(t, s.logins.Load())
		})
	}
}

func TestMissingFileIsNotExist(t *testing.T) {
	t.Parallel()
	s := newServer(t, withPassword("password"), sftptest.Ed25519Key(t))
	client := newClient(t, settingsOf(s), nil)
	_, err := client.Stat(t.Context(), "/x")
	assert.Equal(t, errkind.Unavailable, errkind.Of(err), "not connected")
	require.NoError(t, client.Connect(t.Context()))
	_, err = client.Stat(t.Context(), "/x")
	assert.ErrorIs(t, err, fs.ErrNotExist)
	require.NoError(t, client.MakeDirectories(t.Context(), "/a/b/c"))
	require.NoError(t, client.MakeDirectories(t.Context(), "/a/b/c"))
	info, err := client.Stat(t.Context(), "/a/b/c")
	require.NoError(t, err)
	assert.True(t, info.IsDirectory)
}

func TestEndOfTheContextEndsARequest(t *testing.T) {
	t.Parallel()
	s := newServer(t, withPassword("password"), sftptest.Ed25519Key(t))
	client := newClient(t, settingsOf(s), nil)
	require.NoError(t, client.Connect(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := client.Stat(ctx, "/")
	assert.Equal(t, errkind.Unavailable, errkind.Of(err), "%v", err)
	require.NoError(t, client.Connect(t.Context()), "the next one connects again")
	_, err = client.Stat(t.Context(), "/")
	assert.NoError(t, err)
}
