// Package partner is the SFTP server of a partner, to which send-files sends: a real SFTPGo
// with one account, whose files are in a folder of this machine.
package partner

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/digipres/sync-users/statemachine/local/fixture"
	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

// The account, and the directory in it that files are sent to.
const (
	Username  = "archive"
	Directory = "/incoming"
)

// Config says what to start, and where.
type Config struct {
	// Binary is the sftpgo program, beside its templates, static and openapi folders.
	Binary string
	// Folder is for SFTPGo's keys and the account's files. It must exist.
	Folder string
	// Log is the file that SFTPGo's output goes to.
	Log string
	// ErrorLog gets failures of the proxy in front of it.
	ErrorLog *log.Logger
}

// Server is the partner's server. It shows host keys of three types.
type Server struct {
	*sftpgo.Server
	*proxy
	// Password is the account's, new with each start.
	Password string
	// HostKeys are its public host keys, separated by semicolons.
	HostKeys string
	// Files is the folder of this machine that is the account's root.
	Files string
}

// New makes the server's keys; Start starts it.
func New(config Config) (*Server, error) {
	s := &Server{Password: rand.Text(), Files: filepath.Join(config.Folder, "files")}
	if err := os.MkdirAll(filepath.Join(s.Files, Directory), 0o755); err != nil {
		return nil, err
	}
	var files, lines []string
	for name, generate := range map[string]func() (crypto.Signer, error){
		"id_ed25519": func() (crypto.Signer, error) { _, key, err := ed25519.GenerateKey(rand.Reader); return key, err },
		"id_ecdsa":   func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) },
		// SFTPGo would generate 4096 bits, which takes longer than all the rest.
		"id_rsa": func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) },
	} {
		file := filepath.Join(config.Folder, name)
		line, err := writeKey(file, generate)
		if err != nil {
			return nil, fmt.Errorf("host key %s: %w", name, err)
		}
		files, lines = append(files, file), append(lines, line)
	}
	s.HostKeys = strings.Join(lines, ";")
	var err error
	if s.proxy, err = newProxy(); err != nil {
		return nil, err
	}
	s.Server, err = sftpgo.New(sftpgo.Config{
		Binary: config.Binary, Folder: config.Folder, Log: config.Log, ErrorLog: config.ErrorLog,
		Settings: []string{"SFTPGO_SFTPD__HOST_KEYS=" + strings.Join(files, ",")},
	})
	return s, err
}

// writeKey writes a new private key, and returns the public one's line.
func writeKey(file string, generate func() (crypto.Signer, error)) (string, error) {
	key, err := generate()
	if err != nil {
		return "", err
	}
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		return "", err
	}
	public, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(public))), os.WriteFile(file, pem.EncodeToMemory(block), 0o600)
}

// Start starts the server and creates the account.
func (s *Server) Start(ctx context.Context) error {
	if err := s.Server.Start(ctx); err != nil {
		return err
	}
	s.setTarget(s.SFTPAddress.String())
	return s.Admin().CreateAccountIn(ctx, Username, s.Password, s.Files)
}

// Admin returns a client of the server's REST API.
func (s *Server) Admin() *fixture.SFTPGo {
	return fixture.NewSFTPGo(s.DirectURL, s.Server.Username, s.Server.Password)
}

// Stop ends the server and waits for that.
func (s *Server) Stop() {
	_ = s.listener.Close()
	s.SetDown(true)
	s.Server.Stop()
}
