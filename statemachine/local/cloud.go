// Package local is the laptop cloud: moto in AWS's place, Lambda functions as
// real processes, the real SFTPGo, and in them the stack as the CDK deploys it.
// Everything listens on loopback addresses and writes into one folder of the
// project.
package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/digipres/sync-users/statemachine/local/connectors"
	"github.com/digipres/sync-users/statemachine/local/gateway"
	"github.com/digipres/sync-users/statemachine/local/lambda"
	"github.com/digipres/sync-users/statemachine/local/moto"
	"github.com/digipres/sync-users/statemachine/local/partner"
	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

// startTimeout is the longest that a part may take to answer.
const startTimeout = 3 * time.Minute

// Config says which cloud to start.
type Config struct {
	// Name is unique among running clouds. The cloud's folder is
	// .build/local/<name>, emptied at the start.
	Name string
	// Root is the project's root; "" looks for it from the working folder
	// upwards.
	Root string
	// Systems are the names of those to start; none stands for SyncUsers alone.
	Systems []string
	// Settings are those that SyncUsers is deployed with, besides those of the laptop
	// cloud.
	Settings map[string]string
	// SkipDeploy leaves it to Deploy to deploy them.
	SkipDeploy bool
	// RetrySpeed is how many times as fast as definitions say state machines retry; 0
	// is as they say.
	RetrySpeed int
	// Progress gets a line for each step that is done. It may be nil.
	Progress io.Writer
}

// Cloud is a running cloud.
type Cloud struct {
	Addresses
	// SFTPGo counts its requests, and fails on request; nil without SyncUsers.
	SFTPGo *sftpgo.Server
	// PartnerSFTP is the server that files are sent to and fetched from; nil without
	// SendFiles and FetchFiles.
	PartnerSFTP *partner.Server
	// Connectors does the work of Transfer's SFTP connectors, and fails on request.
	Connectors *connectors.Service
	// AWSGateway is where requests to AWS arrive, and Calls counts them.
	AWSGateway *gateway.Gateway
	// Functions are the Lambdas.
	Functions *lambda.Service
	Calls     *gateway.Counter

	systems   []*system
	settings  map[string]string
	folder    string
	artifacts artifacts
	started   time.Time
	progress  *log.Logger

	lock     *os.File
	logFile  *os.File
	log      *log.Logger
	listener net.Listener
	gateway  http.Server
	mu       sync.Mutex
	parts    []part
	stopping sync.Once

	partnerStarts sync.Once
	partnerError  error
}

// part is a server or process of the cloud.
type part struct {
	name string
	stop func()
	// done returns a channel that is closed when the part has ended; nil for a
	// part that ends with this process only.
	done func() <-chan struct{}
}

// Start starts a cloud, and returns when a run can be started in it, or its
// systems deployed. What it started ends with Stop, and with this process at the
// latest; the process must have called childproc.ExitIfWatchdog. An error names
// the part that failed and its log.
func Start(ctx context.Context, config Config) (*Cloud, error) {
	progress := log.New(cmp.Or(config.Progress, io.Discard), "", 0)
	c := &Cloud{started: time.Now(), progress: progress, gateway: http.Server{ReadHeaderTimeout: 5 * time.Second}}
	if err := c.prepare(config); err != nil {
		return nil, err
	}
	if err := c.start(ctx, config); err != nil {
		c.Stop()
		return nil, err
	}
	return c, nil
}

// prepare checks that everything is built, locks the cloud's folder and empties
// it.
func (c *Cloud) prepare(config Config) (err error) {
	if len(config.Systems) == 0 {
		config.Systems = []string{SyncUsers}
	}
	if c.systems, err = chooseSystems(config.Systems); err != nil {
		return err
	}
	c.Deployments = map[string]*Deployment{}
	for _, s := range c.systems {
		c.Systems = append(c.Systems, s.name)
		c.Deployments[s.name] = new(Deployment)
	}
	c.Deployment = c.Deployments[c.Systems[0]]
	root := config.Root
	if root == "" {
		if root, err = Root(); err != nil {
			return err
		}
	}
	c.settings, c.artifacts = config.Settings, artifacts{root: root}
	if err := c.artifacts.check(); err != nil {
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
	if err := os.RemoveAll(c.folder); err != nil {
		return err
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

// start starts the parts, at the same time where they don't need each other.
func (c *Cloud) start(ctx context.Context, config Config) error {
	if err := c.listen(); err != nil {
		return err
	}
	work, workCtx := errgroup.WithContext(ctx)
	for _, s := range c.systems {
		if s.start != nil {
			work.Go(func() error { return s.start(c, workCtx) })
		}
	}
	seeded := make(chan struct{})
	work.Go(func() error {
		if slices.ContainsFunc(c.systems, func(s *system) bool { return s.seedFirst }) {
			select {
			case <-seeded:
			case <-workCtx.Done():
				return context.Cause(workCtx)
			}
		}
		return c.synth(workCtx, c.artifacts, c.installations()...)
	})
	startAWS := func(ctx context.Context) error { return c.startAWS(ctx, config.RetrySpeed) }
	work.Go(func() error {
		for _, step := range []func(context.Context) error{startAWS, c.seed} {
			if err := step(workCtx); err != nil {
				return err
			}
		}
		close(seeded)
		return errors.Join(c.createMailboxes(workCtx), c.bootstrap(workCtx))
	})
	if err := work.Wait(); err != nil {
		return err
	}
	if !config.SkipDeploy {
		if _, err := c.deploy(ctx, c.systems...); err != nil {
			return err
		}
	}
	return c.Addresses.write(c.folder)
}

// listen opens the addresses that other parts need before they start.
func (c *Cloud) listen() (err error) {
	if c.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	c.add(part{name: "gateway", stop: func() { _, _ = c.gateway.Close(), c.listener.Close() }})
	c.Endpoint = "http://" + c.listener.Addr().String()
	for _, s := range c.systems {
		if s.listen != nil {
			if err := s.listen(c); err != nil {
				return err
			}
		}
	}
	return nil
}

// add has Stop and Wait know of a part.
func (c *Cloud) add(p part) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.parts = append(c.parts, p)
}

// seed creates what deployments expect in an account.
func (c *Cloud) seed(ctx context.Context) error {
	work, ctx := errgroup.WithContext(ctx)
	for _, s := range c.systems {
		work.Go(func() error { return s.seed(c, ctx) })
	}
	return work.Wait()
}

// startAWS starts moto and, in front of it, the gateway with Lambda.
func (c *Cloud) startAWS(ctx context.Context, retrySpeed int) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	server, err := moto.Start(ctx, moto.Config{
		Python:      c.artifacts.python(),
		Launcher:    c.artifacts.motoLauncher(),
		GatewayPort: c.listener.Addr().(*net.TCPAddr).Port,
		RetrySpeed:  retrySpeed,
		Log:         c.logPath("moto"),
	})
	if err != nil {
		return c.startError("moto", err)
	}
	c.add(part{name: "moto", stop: server.Stop, done: server.Done})
	// Lambda's own requests go to moto itself, where they are not counted.
	functions := lambda.New(lambda.Config{
		AWS:      moto.AWS(server.URL.String(), "lambda.amazonaws.com"),
		Endpoint: c.Endpoint,
		Code:     c.codeFolder(),
		Logs:     c.Logs,
		ErrorLog: c.log,
	})
	c.Functions = functions
	c.add(part{name: "lambda", stop: functions.Stop})
	c.Calls = gateway.NewCounter(functions.Caller)
	c.AWSGateway = gateway.New(server.URL, functions, c.Calls, c.log)
	c.Connectors = connectors.New(connectors.Config{Endpoint: server.URL.String(), ErrorLog: c.log})
	c.add(part{name: "connectors", stop: c.Connectors.Stop})
	c.AWSGateway.Delegate(connectors.ServiceName, c.Connectors, connectors.Operations...)
	c.gateway.Handler = c.AWSGateway
	go func() { _ = c.gateway.Serve(c.listener) }()
	c.report("AWS is up at %s", c.Endpoint)
	return nil
}

// report writes a line about a step that is done, with the time since the start.
func (c *Cloud) report(format string, args ...any) {
	c.progress.Printf("%5.1fs  %s", time.Since(c.started).Seconds(), fmt.Sprintf(format, args...))
}

func (c *Cloud) startError(part string, err error) error {
	return fmt.Errorf("%s did not start: %w (its log: %s)", part, err, c.logPath(part))
}

// Stop ends every process of the cloud and waits for that. It may be called
// more than once.
func (c *Cloud) Stop() {
	c.stopping.Do(func() {
		_ = os.Remove(addressesFile(c.folder))
		var ending sync.WaitGroup
		for _, p := range c.parts {
			ending.Go(p.stop)
		}
		ending.Wait()
		_ = c.logFile.Close()
		_ = c.lock.Close()
	})
}

// Wait waits until the context is done, and returns nil then, or until a part of
// the cloud ends by itself, which is an error.
func (c *Cloud) Wait(ctx context.Context) error {
	ended := make(chan string, len(c.parts))
	for _, p := range c.parts {
		if p.done != nil {
			go func() {
				<-p.done()
				ended <- p.name
			}()
		}
	}
	select {
	case <-ctx.Done():
		return nil
	case name := <-ended:
		err := fmt.Errorf("%s ended by itself (its log: %s)", name, c.logPath(name))
		c.log.Print(err)
		return err
	}
}
