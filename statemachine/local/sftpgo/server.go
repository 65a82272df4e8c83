// Package sftpgo starts the real SFTPGo, with all of its data in memory, behind
// a proxy that counts requests and injects faults.
package sftpgo

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/digipres/sync-users/statemachine/local/childproc"
)

// Config says what to start, and where.
type Config struct {
	// Binary is the sftpgo program, beside its templates, static and openapi folders.
	Binary string
	// Folder is for its keys and for files of accounts without a storage.
	Folder string
	// Log is the file that the server's output goes to.
	Log string
	// ErrorLog gets the proxy's own failures.
	ErrorLog *log.Logger
	// Settings are environment variables of SFTPGo's, such as
	// SFTPGO_SFTPD__PASSWORD_AUTHENTICATION=false, besides those that it needs.
	Settings []string
}

// Server is a running SFTPGo.
type Server struct {
	*Proxy
	// Username and Password are those of an administrator with all permissions.
	Username, Password string
	// SFTPAddress is where it speaks SFTP.
	SFTPAddress *net.TCPAddr

	config  Config
	process *childproc.Process
}

// New returns a server with its URL and password; Start starts it.
func New(config Config) (*Server, error) {
	proxy, err := newProxy(config.ErrorLog)
	if err != nil {
		return nil, err
	}
	return &Server{Proxy: proxy, Username: "admin", Password: rand.Text(), config: config}, nil
}

// errPortInUse means that another process took a port between its choice and
// SFTPGo's start.
var errPortInUse = errors.New("address already in use")

// Start starts the server and waits until it listens. It chooses other ports
// when the ones it chose are in use: SFTPGo takes neither port 0 nor a listener.
func (s *Server) Start(ctx context.Context) error {
	address, err := backoff.Retry(ctx, func() (*net.TCPAddr, error) {
		address, err := s.startOnFreePorts(ctx)
		if err != nil && !errors.Is(err, errPortInUse) {
			err = backoff.Permanent(err)
		}
		return address, err
	}, backoff.WithMaxTries(5))
	if err != nil {
		return err
	}
	s.serve(address.String())
	return nil
}

// startOnFreePorts returns the address of SFTPGo's REST API.
func (s *Server) startOnFreePorts(ctx context.Context) (api *net.TCPAddr, err error) {
	if api, err = freeAddress(); err != nil {
		return nil, err
	}
	if s.SFTPAddress, err = freeAddress(); err != nil {
		return nil, err
	}
	output, err := os.Create(s.config.Log)
	if err != nil {
		return nil, err
	}
	defer output.Close() // The process has its own.

	// Without a file of its own it logs to its output.
	cmd := exec.Command(s.config.Binary, "serve", "--config-dir", s.config.Folder, "--log-file-path", "", "--log-level", "info")
	cmd.Dir = s.config.Folder
	cmd.Stdout, cmd.Stderr = output, output
	cmd.Env = slices.Concat(os.Environ(), s.settings(api), s.config.Settings)
	if s.process, err = childproc.Start(cmd); err != nil {
		return nil, err
	}
	if err := s.waitUntilListening(ctx); err != nil {
		s.process.Stop()
		return nil, err
	}
	return api, nil
}

// freeAddress returns an address of the loopback interface whose port is free
// at the moment.
func freeAddress() (*net.TCPAddr, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return listener.Addr().(*net.TCPAddr), listener.Close()
}

// waitUntilListening reads in the server's log that it listens on both ports.
// An answer would not tell: it could be another server's.
func (s *Server) waitUntilListening(ctx context.Context) error {
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		ended := s.process.Ended()
		text, err := os.ReadFile(s.config.Log)
		switch {
		case err != nil:
			return struct{}{}, backoff.Permanent(err)
		case bytes.Contains(text, []byte(errPortInUse.Error())):
			return struct{}{}, backoff.Permanent(errPortInUse)
		case ended:
			return struct{}{}, backoff.Permanent(fmt.Errorf("ended early: %w", s.process.Err()))
		case bytes.Count(text, []byte("server listener registered")) < 2:
			return struct{}{}, errors.New("not listening yet")
		}
		return struct{}{}, nil
	}, backoff.WithBackOff(backoff.NewConstantBackOff(20*time.Millisecond)))
	return err
}

// settings configure the server from the environment alone: "Environment
// variables" in SFTPGo's documentation.
func (s *Server) settings(api *net.TCPAddr) []string {
	resource := func(name string) string { return filepath.Join(filepath.Dir(s.config.Binary), name) }
	return []string{
		"SFTPGO_DATA_PROVIDER__DRIVER=memory",
		// Keeps the memory provider from loading a dump at its start.
		"SFTPGO_DATA_PROVIDER__NAME=",
		"SFTPGO_DATA_PROVIDER__CREATE_DEFAULT_ADMIN=1",
		"SFTPGO_DATA_PROVIDER__USERS_BASE_DIR=" + filepath.Join(s.config.Folder, "users"),
		"SFTPGO_DEFAULT_ADMIN_USERNAME=" + s.Username,
		"SFTPGO_DEFAULT_ADMIN_PASSWORD=" + s.Password,
		"SFTPGO_HTTPD__BINDINGS__0__ADDRESS=" + api.IP.String(),
		fmt.Sprintf("SFTPGO_HTTPD__BINDINGS__0__PORT=%d", api.Port),
		"SFTPGO_SFTPD__BINDINGS__0__ADDRESS=" + s.SFTPAddress.IP.String(),
		fmt.Sprintf("SFTPGO_SFTPD__BINDINGS__0__PORT=%d", s.SFTPAddress.Port),
		// It creates this one. By default it creates three, and the RSA key takes
		// longer than all the rest of its start.
		"SFTPGO_SFTPD__HOST_KEYS=" + filepath.Join(s.config.Folder, "id_ed25519"),
		"SFTPGO_HTTPD__TEMPLATES_PATH=" + resource("templates"),
		"SFTPGO_HTTPD__STATIC_FILES_PATH=" + resource("static"),
		"SFTPGO_HTTPD__OPENAPI_PATH=" + resource("openapi"),
		"SFTPGO_SMTP__TEMPLATES_PATH=" + resource("templates"),
	}
}

// Stop ends the server and its proxy, waits for that, and deletes what the
// server left outside of its folder.
func (s *Server) Stop() {
	s.Proxy.close()
	if s.process != nil {
		s.process.Stop()
	}
	s.deleteEmptyDirectories()
}

// Done is closed when the server has ended.
func (s *Server) Done() <-chan struct{} { return s.process.Done() }
