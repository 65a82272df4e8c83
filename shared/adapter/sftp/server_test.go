package sftp_test

import (
	"bytes"
	"errors"
	"net"
	"sync/atomic"
	"testing"

	pkgsftp "github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/digipres/sync-users/shared/adapter/sftp/sftptest"
)

// server is an SFTP server with files in memory.
type server struct {
	address *net.TCPAddr
	hostKey string
	logins  atomic.Int32
}

// newServer starts a server with these host keys, which lets in whom configure says.
func newServer(t *testing.T, configure func(*server, *ssh.ServerConfig), keys ...any) *server {
	t.Helper()
	s, config := &server{}, &ssh.ServerConfig{}
	configure(s, config)
	s.hostKey = sftptest.AddHostKeys(t, config, keys...)
	s.address = sftptest.Serve(t, config, pkgsftp.InMemHandler)
	return s
}

func withPassword(password string) func(*server, *ssh.ServerConfig) {
	return func(s *server, config *ssh.ServerConfig) {
		config.PasswordCallback = func(_ ssh.ConnMetadata, given []byte) (*ssh.Permissions, error) {
			s.logins.Add(1)
			if string(given) != password {
				return nil, errors.New("refused")
			}
			return nil, nil
		}
	}
}

// withKey accepts one public key.
func withKey(key any) func(*server, *ssh.ServerConfig) {
	return func(s *server, config *ssh.ServerConfig) {
		config.PublicKeyCallback = func(_ ssh.ConnMetadata, offered ssh.PublicKey) (*ssh.Permissions, error) {
			s.logins.Add(1)
			signer, err := ssh.NewSignerFromKey(key)
			if err != nil || !bytes.Equal(signer.PublicKey().Marshal(), offered.Marshal()) {
				return nil, errors.New("refused")
			}
			return nil, nil
		}
	}
}
