// Package sftp speaks SFTP with a partner's server.
package sftp

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/shared/settings"
)

const (
	// connectLimit is for a connection and login.
	connectLimit = 30 * time.Second
	// keepaliveInterval keeps firewalls from forgetting a connection without requests, and
	// keepaliveLimit is how long an idle server may take to answer one.
	keepaliveInterval = 15 * time.Second
	keepaliveLimit    = 5 * time.Second
	// refusalPause is how long a refused login is not tried again, because servers ban
	// addresses that try often.
	refusalPause = time.Minute
)

// Client is a client of one server, with at most one connection. It keeps the connection for
// later invocations. Its errors have a kind; fs.ErrNotExist is among their causes where
// a file is missing.
type Client struct {
	settings          settings.SFTP
	resolver, objects settings.Resolver

	mu      sync.Mutex
	session *session
	// refused is the last refusal of a login.
	refused   error
	refusedAt time.Time
	refusedBy settings.SFTP
}

var (
	_ sendfile.Server  = (*Client)(nil)
	_ sendfile.Files   = (*Client)(nil)
	_ sendfile.Renamer = (*Client)(nil)
	_ sendfile.Opener  = (*Client)(nil)
)

// New makes a Client, which connects when it is needed. It resolves the references of the settings
// whenever it logs in; objects resolves that of a private key in S3.
func New(s settings.SFTP, resolver, objects settings.Resolver) *Client {
	return &Client{settings: s, resolver: resolver, objects: objects}
}

// Address returns the account, name and port of the server, as the settings have them.
func (c *Client) Address() string { return c.settings.Username + "@" + c.settings.Address() }

// Connect makes sure that there is a healthy connection. It returns Misconfigured for
// settings that can't be used, HostKeyChanged with the fingerprint of the key that the
// server shows, LoginRefused, and Unavailable if the server does not answer.
func (c *Client) Connect(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session != nil {
		if c.session.isHealthy() {
			return nil
		}
		c.session.close(nil)
		c.session = nil
	}
	s, err := c.settings.Resolve(ctx, c.resolver, c.objects)
	if err != nil {
		return err
	}
	if c.refused != nil && time.Since(c.refusedAt) < refusalPause && s.SameLogin(c.refusedBy) {
		return c.refused
	}
	ctx, cancel := context.WithTimeout(ctx, connectLimit)
	defer cancel()
	session, err := c.dial(ctx, s)
	if errkind.Of(err) == errkind.LoginRefused {
		// The secret may have been changed since it was read.
		again, resolveErr := c.settings.Resolve(ctx, c.resolver, c.objects)
		if resolveErr == nil && !again.SameLogin(s) {
			s = again
			session, err = c.dial(ctx, s)
		}
	}
	c.refused = nil
	if errkind.Of(err) == errkind.LoginRefused {
		c.refused, c.refusedAt, c.refusedBy = err, time.Now(), s
	}
	if err != nil {
		return fmt.Errorf("connect to %s: %w", c.Address(), err)
	}
	c.session = session
	return nil
}

// Close ends the connection, if there is one.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session != nil {
		c.session.close(nil)
		c.session = nil
	}
}

// current returns the connection. Connect comes first.
func (c *Client) current() (*session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session == nil {
		return nil, errkind.Errorf(errkind.Unavailable, "there is no connection to %s", c.Address())
	}
	return c.session, nil
}
