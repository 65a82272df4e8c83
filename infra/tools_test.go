package main

import (
	"context"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local/moto"
)

// tool returns the path of a program that `make setup` installs.
func tool(t *testing.T, path string) string {
	t.Helper()
	require.FileExists(t, path, "run `make setup`")
	path, err := filepath.Abs(path)
	require.NoError(t, err)
	return path
}

// listen starts a moto server on a free port, waits until it answers, and
// stops it when the test ends.
func listen(t *testing.T, server string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	process, url, err := moto.StartServer(ctx, exec.Command(server))
	require.NoError(t, err)
	t.Cleanup(process.Stop)
	return url.String()
}
