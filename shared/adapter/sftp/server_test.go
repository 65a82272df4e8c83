package sftp_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"

	pkgsftp "github.com/pkg/sftp"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
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
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	s := &server{address: listener.Addr().(*net.TCPAddr)}
	config := &ssh.ServerConfig{}
	configure(s, config)
	for _, key := range keys {
		signer, err := ssh.NewSignerFromKey(key)
		require.NoError(t, err)
		config.AddHostKey(signer)
		s.hostKey += string(ssh.MarshalAuthorizedKey(signer.PublicKey()))
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(conn, config)
		}
	}()
	return s
}

func serve(conn net.Conn, config *ssh.ServerConfig) {
	defer conn.Close()
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for offered := range channels {
		channel, requests, err := offered.Accept()
		if err != nil {
			return
		}
		go func() {
			for request := range requests {
				_ = request.Reply(request.Type == "subsystem", nil)
			}
		}()
		go func() {
			defer channel.Close()
			if err := pkgsftp.NewRequestServer(channel, pkgsftp.InMemHandler()).Serve(); err != nil && err != io.EOF {
				return
			}
		}()
	}
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
