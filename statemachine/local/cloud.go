// Package local is the laptop cloud: AWS as moto plays it, Lambda as real
// processes, the real SFTPGo, and in them the stack as the CDK deploys it, all
// on loopback addresses and in one folder of the project.
package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/digipres/sync-users/statemachine/local/gateway"
	"github.com/digipres/sync-users/statemachine/local/lambda"
	"github.com/digipres/sync-users/statemachine/local/moto"
	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

// ManagedBucket is the managed bucket of the cloud's one stack.
const ManagedBucket = "digipres-dev1-managed"

// startLimit is the longest that a part may take to answer.
const startLimit = time.Minute

// Config says which cloud to start.
type Config struct {
	// Name tells clouds apart; two of one name can't run at once. The cloud's
	// folder is .build/local/<name>, emptied at the start.
	Name string
	// Root is the project's root; "" looks for it from the working folder
	// upwards.
	Root string
	// Context are CDK settings (-c) besides those the cloud itself gives.
	Context map[string]string
	// Undeployed leaves the stack to Deploy: the account is as one finds it.
	Undeployed bool
	// Progress gets a line for each step that is done. It may be nil.
	Progress io.Writer
}

// Cloud is a running cloud.
type Cloud struct {
	Addresses
	// SFTPGo counts what is asked of it, and fails on request.
	SFTPGo *sftpgo.Server
	// Calls counts the requests to AWS.
	Calls *gateway.Counter

	folder   string
	built    built
	context  map[string]string
	progress *progress

	lock     *os.File
	logFile  *os.File
	log      *log.Logger
	gateway  net.Listener
	frontend *http.Server
	moto     *moto.Server
	lambda   *lambda.Service
	stopping sync.Once
}

// Start brings a cloud up, and returns when a run can be started in it, or the
// stack deployed. What it started ends with Stop, and with this process at the latest; the process
// must have called leash.Main. An error names the part that failed and its log.
func Start(ctx context.Context, config Config) (*Cloud, error) {
	c := &Cloud{context: config.Context, progress: newProgress(config.Progress)}
	if err := c.prepare(config); err != nil {
		return nil, err
	}
	if err := c.start(ctx, config); err != nil {
		c.Stop()
		return nil, err
	}
	return c, nil
}

// prepare checks that everything is there, takes the cloud's folder and
// empties it.
func (c *Cloud) prepare(config Config) (err error) {
	root := config.Root
	if root == "" {
		if root, err = Root(); err != nil {
			return err
		}
	}
	c.built = built{root: root}
	if err := c.built.check(); err != nil {
		return err
	}
	c.folder = cloudFolder(root, config.Name)
	if c.lock, err = lockFolder(c.folder); err != nil {
		return err
	}
	if err := c.emptyFolder(); err != nil {
		return errors.Join(err, c.lock.Close())
	}
	return nil
}

func (c *Cloud) emptyFolder() (err error) {
	entries, err := os.ReadDir(c.folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		path := filepath.Join(c.folder, entry.Name())
		if path == lockFile(c.folder) {
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	c.Logs = filepath.Join(c.folder, "logs")
	for _, folder := range []string{c.Logs, c.codeFolder(), c.sftpgoFolder()} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
	}
	if c.logFile, err = os.Create(c.logPath("cloud")); err != nil {
		return err
	}
	c.log = log.New(c.logFile, "", log.LstdFlags|log.Lmsgprefix)
	return nil
}

func (c *Cloud) codeFolder() string         { return filepath.Join(c.folder, "code") }
func (c *Cloud) sftpgoFolder() string       { return filepath.Join(c.folder, "sftpgo") }
func (c *Cloud) logPath(part string) string { return filepath.Join(c.Logs, part+".log") }
func (c *Cloud) failed(part string, err error) error {
	return fmt.Errorf("%s did not start: %w (its log: %s)", part, err, c.logPath(part))
}

// start starts the parts that don't need each other at the same time.
func (c *Cloud) start(ctx context.Context, config Config) error {
	if err := c.reserve(); err != nil {
		return err
	}
	parts, partsCtx := errgroup.WithContext(ctx)
	parts.Go(func() error {
		ctx, cancel := context.WithTimeout(partsCtx, startLimit)
		defer cancel()
		if err := c.SFTPGo.Start(ctx); err != nil {
			return c.failed("sftpgo", err)
		}
		c.progress.done("SFTPGo is up")
		return nil
	})
	parts.Go(func() error {
		if err := c.startAWS(partsCtx); err != nil {
			return err
		}
		if err := c.furnish(partsCtx); err != nil {
			return err
		}
		if err := c.openMailbox(partsCtx); err != nil {
			return err
		}
		return c.bootstrap(partsCtx)
	})
	parts.Go(func() error { return c.synth(partsCtx, c.built) })
	if err := parts.Wait(); err != nil {
		return err
	}
	if !config.Undeployed {
		if _, err := c.deploy(ctx); err != nil {
			return err
		}
	}
	c.PID = os.Getpid()
	return c.Addresses.write(c.folder)
}

// reserve fixes the addresses, which everything is told before anything is up.
func (c *Cloud) reserve() (err error) {
	if c.gateway, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	c.Endpoint = "http://" + c.gateway.Addr().String()
	c.SFTPGo, err = sftpgo.New(sftpgo.Config{
		Binary:    c.built.sftpgo(),
		Resources: c.built.resources(),
		Folder:    c.sftpgoFolder(),
		Log:       c.logPath("sftpgo"),
		ErrorLog:  c.log,
	})
	if err != nil {
		return err
	}
	c.SFTPGoURL, c.SFTPPort = c.SFTPGo.URL, c.SFTPGo.SFTPPort
	c.SFTPGoUsername, c.SFTPGoPassword = c.SFTPGo.Username, c.SFTPGo.Password
	return nil
}

// startAWS starts moto and, in front of it, the gateway with Lambda.
func (c *Cloud) startAWS(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	c.moto, err = moto.Start(ctx, moto.Config{
		Python:    c.built.python(),
		Launcher:  c.built.launcher(),
		FrontPort: c.gateway.Addr().(*net.TCPAddr).Port,
		Log:       c.logPath("moto"),
	})
	if err != nil {
		return c.failed("moto", err)
	}
	// Lambda asks moto itself, so that its own calls don't count.
	c.lambda = lambda.New(lambda.Config{
		AWS:      moto.AWS(c.moto.URL.String(), moto.Service("lambda.amazonaws.com")),
		Endpoint: c.Endpoint,
		Code:     c.codeFolder(),
		Logs:     c.Logs,
		Log:      c.log,
	})
	c.Calls = gateway.NewCounter(c.lambda.Caller)
	c.frontend = &http.Server{
		Handler:           gateway.New(c.moto.URL, c.lambda, c.Calls, c.log),
		ReadHeaderTimeout: 5 * time.Second,
		ErrorLog:          c.log,
	}
	go func() { _ = c.frontend.Serve(c.gateway) }()
	c.progress.done("AWS is up at %s", c.Endpoint)
	return nil
}

// Stop ends every process of the cloud and waits for that. It may be called
// more than once.
func (c *Cloud) Stop() {
	c.stopping.Do(func() {
		_ = os.Remove(addressesFile(c.folder))
		if c.frontend != nil {
			_ = c.frontend.Close()
		} else if c.gateway != nil {
			_ = c.gateway.Close()
		}
		var parts sync.WaitGroup
		if c.lambda != nil {
			parts.Go(c.lambda.Stop)
		}
		if c.SFTPGo != nil {
			parts.Go(c.SFTPGo.Stop)
		}
		if c.moto != nil {
			parts.Go(c.moto.Stop)
		}
		parts.Wait()
		_ = c.logFile.Close()
		_ = c.lock.Close()
	})
}

// Wait waits until the context is done, and returns nil then, or until a part of
// the cloud ends by itself, which is an error.
func (c *Cloud) Wait(ctx context.Context) (err error) {
	select {
	case <-ctx.Done():
		return nil
	case <-c.moto.Done():
		err = fmt.Errorf("moto ended by itself (its log: %s)", c.logPath("moto"))
	case <-c.SFTPGo.Done():
		err = fmt.Errorf("sftpgo ended by itself (its log: %s)", c.logPath("sftpgo"))
	}
	c.log.Print(err)
	return err
}

// architecture is this machine's, by Lambda's name for it.
func architecture() string {
	if runtime.GOARCH == "amd64" {
		return "x86_64"
	}
	return runtime.GOARCH
}
