// Package sftptest is an SFTP server in the process of a test, and keys for it.
package sftptest

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"net"
	"testing"

	"github.com/pkg/sftp"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
)

// Serve serves SFTP on a free port of 127.0.0.1 until the test ends, to whom the config lets
// in. It asks for the files of each channel.
func Serve(t testing.TB, config *ssh.ServerConfig, files func() sftp.Handlers) *net.TCPAddr {
	t.Helper()
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(conn, config, files)
		}
	}()
	return listener.Addr().(*net.TCPAddr)
}

func serve(conn net.Conn, config *ssh.ServerConfig, files func() sftp.Handlers) {
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
			_ = sftp.NewRequestServer(channel, files()).Serve()
		}()
	}
}

// AddHostKeys adds host keys to a server, and returns their lines as OpenSSH has them.
func AddHostKeys(t testing.TB, config *ssh.ServerConfig, keys ...any) (lines string) {
	t.Helper()
	for _, key := range keys {
		signer, err := ssh.NewSignerFromKey(key)
		require.NoError(t, err)
		config.AddHostKey(signer)
		lines += string(ssh.MarshalAuthorizedKey(signer.PublicKey()))
	}
	return lines
}

// Ed25519Key returns a new private key.
func Ed25519Key(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	return key
}

// ECDSAKey returns a new private key.
func ECDSAKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	return key
}

// RSAKey returns a new private key of so many bits.
func RSAKey(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	require.NoError(t, err)
	return key
}

// PEM returns a private key as a file has it, encrypted if there is a passphrase.
func PEM(t testing.TB, key any, passphrase string) string {
	t.Helper()
	block, err := ssh.MarshalPrivateKey(key, "")
	if passphrase != "" {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte(passphrase))
	}
	require.NoError(t, err)
	return string(pem.EncodeToMemory(block))
}

// PublicKey returns the line of the public key that belongs to a private one.
func PublicKey(t testing.TB, key any) string {
	t.Helper()
	signer, err := ssh.NewSignerFromKey(key)
	require.NoError(t, err)
	return string(ssh.MarshalAuthorizedKey(signer.PublicKey()))
}
