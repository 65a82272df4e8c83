// Package moto starts moto's server, which is the laptop cloud's AWS. The launcher
// beside this file patches it where it differs from AWS; docs/moto.md lists how.
package moto

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/digipres/sync-users/statemachine/local/leash"
)

// Config says what to start, and how.
type Config struct {
	// Python is an interpreter that has the packages of requirements.txt.
	Python string
	// Launcher is the path of launcher.py.
	Launcher string
	// FrontPort is the port of the gateway in front of moto, to which its Step
	// Functions interpreter sends its calls.
	FrontPort int
	// Log is the file that the server's output goes to.
	Log string
}

// Server is a running moto.
type Server struct {
	URL     *url.URL
	process *leash.Process
}

// Start starts a server on a free port and waits until it answers.
func Start(ctx context.Context, config Config) (*Server, error) {
	port, err := leash.FreePort()
	if err != nil {
		return nil, err
	}
	output, err := os.Create(config.Log)
	if err != nil {
		return nil, err
	}
	defer output.Close() // The process has its own.

	cmd := exec.Command(config.Python, config.Launcher, "-H", "127.0.0.1", "-p", strconv.Itoa(port))
	cmd.Stdout, cmd.Stderr = output, output
	cmd.Env = append(os.Environ(),
		"MOTO_PORT="+strconv.Itoa(config.FrontPort),
		"ROOT_KEY="+RootKey,
		"INITIAL_NO_AUTH_ACTION_COUNT=0", // IAM checks every request, from the first.
		"PYTHONPATH="+filepath.Dir(config.Launcher),
		"PYTHONDONTWRITEBYTECODE=1",
		"PYTHONUNBUFFERED=1",
		"NO_COLOR=1",
	)
	process, err := leash.Start(cmd)
	if err != nil {
		return nil, err
	}
	s := &Server{
		URL:     &url.URL{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", port)},
		process: process,
	}
	if err := process.Ready(ctx, s.URL.JoinPath("moto-api/data.json").String()); err != nil {
		process.Stop()
		return nil, err
	}
	return s, nil
}

// Stop ends the server and waits for that.
func (s *Server) Stop() { s.process.Stop() }

// Done is closed when the server has ended.
func (s *Server) Done() <-chan struct{} { return s.process.Done() }
