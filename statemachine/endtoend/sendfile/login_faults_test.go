package sendfile_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/adapter/sftp/sftptest"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/secret"
)

func TestRefusedLoginIsNotTriedAgainAtOnce(t *testing.T) {
	t.Parallel()
	w, server := newFaultyWorld(t)
	w.settings.Password = secret.New("wrong")
	w.put("out/a", []byte("a"))
	sender := w.sender()
	for range 3 {
		_, err := sender.Send(t.Context(), w.event("out/a"))
		assert.Equal(t, errkind.LoginRefused, errkind.Of(err))
		assert.NotContains(t, err.Error(), "wrong")
	}
	assert.Equal(t, 1, server.logins)
	w.requireKept("/in/a", "out/a", []byte("a"))
}

func TestWrongHostKey(t *testing.T) {
	t.Parallel()
	for _, key := range []any{sftptest.ECDSAKey(t), sftptest.RSAKey(t, 2048), sftptest.Ed25519Key(t)} {
		server := newServer(t, key)
		w := newWorldAt(t, server.address, hostKey)
		w.put("out/a", []byte("a"))
		_, err := w.send("out/a")
		assert.Equal(t, errkind.HostKeyChanged, errkind.Of(err))
		assert.ErrorContains(t, err, strings.TrimSpace(server.hostKey))
		assert.ErrorContains(t, err, "SHA256:")
		assert.Zero(t, server.logins, "no password was sent")
		w.requireKept("/in/a", "out/a", []byte("a"))
	}
}
