package sftpgo

import (
	"context"
	"io"
	"log"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local/childproc"
)

func TestMain(m *testing.M) {
	childproc.ExitIfWatchdog()
	os.Exit(m.Run())
}

// newServer returns a server whose program is a shell script.
func newServer(t *testing.T, script string) *Server {
	t.Helper()
	folder := t.TempDir()
	binary := filepath.Join(folder, "sftpgo")
	require.NoError(t, os.WriteFile(binary, []byte("#!/bin/sh\n"+script), 0o700))
	s, err := New(Config{Binary: binary, Folder: folder, Log: filepath.Join(folder, "log"), ErrorLog: log.New(io.Discard, "", 0)})
	require.NoError(t, err)
	t.Cleanup(s.Stop)
	return s
}

func TestStartTriesOtherPorts(t *testing.T) {
	t.Parallel()
	s := newServer(t, `
echo $SFTPGO_HTTPD__BINDINGS__0__PORT $SFTPGO_SFTPD__BINDINGS__0__PORT >>ports
if [ $(wc -l <ports) -lt 3 ]; then echo 'listen tcp 127.0.0.1:1: bind: address already in use'; exit 1; fi
echo 'server listener registered, address: 1'; echo 'server listener registered, address: 2'; sleep 60`)

	require.NoError(t, s.Start(t.Context()))

	ports, err := os.ReadFile(filepath.Join(s.config.Folder, "ports"))
	require.NoError(t, err)
	assert.Regexp(t, `^(\d+ \d+\n){3}$`, string(ports))
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	s := newServer(t, "exit 3")
	require.ErrorContains(t, s.Start(t.Context()), "ended early: exit status 3")

	s = newServer(t, "sleep 60")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, s.Start(ctx), context.DeadlineExceeded)
}
