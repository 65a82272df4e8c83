// Package sftpgo starts the real SFTPGo, with everything it knows in memory,
// behind a proxy that counts what is asked of it and can fail on request.
package sftpgo

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"golang.org/x/crypto/ssh"

	"github.com/digipres/sync-users/statemachine/local/leash"
)

// username is the administrator's name.
const username = "admin"

// Config says what to start, and where.
type Config struct {
	// Binary is the sftpgo program.
	Binary string
	// Resources is the folder with its templates, static and openapi folders.
	Resources string
	// Folder is for its keys and for files of accounts without a storage.
	Folder string
	// Log is the file that the server's output goes to.
	Log string
	// ErrorLog gets the proxy's own failures.
	ErrorLog *log.Logger
}

// Server is a running SFTPGo.
type Server struct {
	*Proxy
	// Username and Password are an administrator's who may do everything.
	Username, Password string
	// SFTPPort is where it speaks SFTP, on 127.0.0.1.
	SFTPPort int
	// HostKey is the public key by which an SFTP client knows the server.
	HostKey ssh.PublicKey

	config  Config
	process *leash.Process
}

// New reserves the server's addresses and password; Start starts it. So others
// can be told the addresses before it is up.
func New(config Config) (*Server, error) {
	port, err := leash.FreePort()
	if err != nil {
		return nil, err
	}
	sftpPort, err := leash.FreePort()
	if err != nil {
		return nil, err
	}
	proxy, err := newProxy(&url.URL{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", port)}, config.ErrorLog)
	if err != nil {
		return nil, err
	}
	return &Server{Proxy: proxy, Username: username, Password: rand.Text(), SFTPPort: sftpPort, config: config}, nil
}

// Start starts the server and waits until it answers.
func (s *Server) Start(ctx context.Context) error {
	if err := s.writeHostKey(); err != nil {
		return err
	}
	output, err := os.Create(s.config.Log)
	if err != nil {
		return err
	}
	defer output.Close() // The process has its own.

	// Without a file of its own it logs to its output.
	cmd := exec.Command(s.config.Binary, "serve", "--config-dir", s.config.Folder, "--log-file-path", "", "--log-level", "info")
	cmd.Dir = s.config.Folder
	cmd.Stdout, cmd.Stderr = output, output
	cmd.Env = append(os.Environ(), s.settings()...)
	if s.process, err = leash.Start(cmd); err != nil {
		return err
	}
	if err := s.process.Ready(ctx, s.server.JoinPath("healthz").String()); err != nil {
		s.Stop()
		return err
	}
	return nil
}

// settings configure the server from the environment alone: "Environment
// variables" in SFTPGo's documentation.
func (s *Server) settings() []string {
	resource := func(name string) string { return filepath.Join(s.config.Resources, name) }
	return []string{
		"SFTPGO_DATA_PROVIDER__DRIVER=memory",
		// Not even at the start from a file.
		"SFTPGO_DATA_PROVIDER__NAME=",
		"SFTPGO_DATA_PROVIDER__CREATE_DEFAULT_ADMIN=1",
		"SFTPGO_DATA_PROVIDER__USERS_BASE_DIR=" + filepath.Join(s.config.Folder, "users"),
		"SFTPGO_DEFAULT_ADMIN_USERNAME=" + s.Username,
		"SFTPGO_DEFAULT_ADMIN_PASSWORD=" + s.Password,
		"SFTPGO_HTTPD__BINDINGS__0__ADDRESS=127.0.0.1",
		"SFTPGO_HTTPD__BINDINGS__0__PORT=" + s.server.Port(),
		"SFTPGO_SFTPD__BINDINGS__0__ADDRESS=127.0.0.1",
		"SFTPGO_SFTPD__BINDINGS__0__PORT=" + strconv.Itoa(s.SFTPPort),
		"SFTPGO_SFTPD__HOST_KEYS=" + s.hostKeyFile(),
		"SFTPGO_HTTPD__TEMPLATES_PATH=" + resource("templates"),
		"SFTPGO_HTTPD__STATIC_FILES_PATH=" + resource("static"),
		"SFTPGO_HTTPD__OPENAPI_PATH=" + resource("openapi"),
		"SFTPGO_SMTP__TEMPLATES_PATH=" + resource("templates"),
	}
}

// Stop ends the server and its proxy, waits for that, and clears up what the
// server left outside of its folder.
func (s *Server) Stop() {
	s.Proxy.close()
	if s.process != nil {
		s.process.Stop()
	}
	s.litter.sweep()
}

// Done is closed when the server has ended.
func (s *Server) Done() <-chan struct{} { return s.process.Done() }
