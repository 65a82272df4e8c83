// Package moto starts moto's server, which is the laptop cloud's AWS. The launcher
// beside this file patches it where it differs from AWS; docs/moto.md lists how.
package moto

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/digipres/sync-users/statemachine/local/childproc"
)

// Config says what to start, and how.
type Config struct {
	// Python is an interpreter that has the packages of requirements.txt.
	Python string
	// Launcher is the path of launcher.py.
	Launcher string
	// GatewayPort is the port of the gateway in front of moto, to which its Step
	// Functions interpreter sends its calls.
	GatewayPort int
	// RetrySpeed is how many times as fast as definitions say state machines retry; 0
	// is as they say.
	RetrySpeed int
	// Log is the file that the server's output goes to.
	Log string
}

// Server is a running moto.
type Server struct {
	*childproc.Process
	URL *url.URL
}

// Start starts a server on a free port and waits until it answers.
func Start(ctx context.Context, config Config) (*Server, error) {
	output, err := os.Create(config.Log)
	if err != nil {
		return nil, err
	}
	defer output.Close() // The process has its own.

	cmd := exec.Command(config.Python, config.Launcher)
	cmd.Stdout, cmd.Stderr = output, output
	cmd.Env = append(os.Environ(),
		"MOTO_PORT="+strconv.Itoa(config.GatewayPort),
		"ROOT_KEY="+RootKey,
		"RETRY_SPEED="+strconv.Itoa(max(config.RetrySpeed, 1)),
		"INITIAL_NO_AUTH_ACTION_COUNT=0", // IAM checks every request, from the first.
		"PYTHONPATH="+filepath.Dir(config.Launcher),
		"PYTHONDONTWRITEBYTECODE=1",
		"PYTHONUNBUFFERED=1",
		"NO_COLOR=1",
	)
	process, url, err := StartServer(ctx, cmd)
	if err != nil {
		return nil, err
	}
	return &Server{Process: process, URL: url}, nil
}

// StartServer starts a command that ends in moto's own main function, and waits
// until it answers.
func StartServer(ctx context.Context, cmd *exec.Cmd) (*childproc.Process, *url.URL, error) {
	// Werkzeug, moto's HTTP server, takes the listener that it inherits if it was
	// started by its reloader.
	cmd.Env = append(cmd.Environ(), "WERKZEUG_RUN_MAIN=true", "WERKZEUG_SERVER_FD=3")
	return childproc.StartServer(ctx, cmd, "moto-api/data.json")
}
