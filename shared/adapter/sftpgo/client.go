// Package sftpgo reads and writes users and virtual folders through the REST
// API of an SFTPGo server, version 2.6
// (https://github.com/drakkan/sftpgo/blob/v2.6.4/openapi/openapi.yaml).
//
// A PUT replaces a whole record, so a record is sent back as it was read, with only
// the fields changed that this program manages: fields that this package does not
// know survive at any depth.
//
// Every error has an errkind.Kind, or wraps an error of package account. None
// contains a password, key or token, even if the server repeats it.
package sftpgo

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Config is the configuration of a Client.
type Config struct {
	// Host is the server's URL, with a path if it is published below one.
	Host        string
	Credentials Credentials
	// ReloadCredentials, if it is not nil, returns the current credentials. It is
	// called when the server has rejected those that the client has.
	ReloadCredentials func(context.Context) (Credentials, error)
	// WrapTransport, if it is not nil, returns what makes the requests in place of the
	// client's transport, such as one that logs each and passes it on.
	WrapTransport func(http.RoundTripper) http.RoundTripper
}

const (
	// requestTimeout allows for logins, which the server makes slow on purpose: they
	// take a second or two.
	requestTimeout = 30 * time.Second
	connectTimeout = 5 * time.Second
	// idleTimeout is less than the minute after which the server closes an idle
	// connection.
	idleTimeout = 30 * time.Second
)

// Client calls the REST API as an administrator. It is safe for concurrent use;
// all requests share one login.
type Client struct {
	base   *url.URL
	http   *http.Client
	tokens *tokenSource
}

var (
	_ account.VersionReader = (*Client)(nil)
	_ account.Accounts      = (*Client)(nil)
	_ account.FolderReader  = (*Client)(nil)
	_ account.FolderLister  = (*Client)(nil)
	_ account.FolderWriter  = (*Client)(nil)
)

// New makes a client without calling the server. It returns Misconfigured, with the
// names of the environment variables, if the configuration can't work.
func New(config Config) (*Client, error) {
	base, err := parseHost(config.Host)
	if err != nil {
		return nil, err
	}
	if err := config.Credentials.check(); err != nil {
		return nil, err
	}
	c := &Client{base: base, http: newHTTPClient(config.WrapTransport)}
	c.tokens = &tokenSource{
		login:             c.login,
		reloadCredentials: config.ReloadCredentials,
		now:               wallClock,
		lock:              semaphore.NewWeighted(1),
		credentials:       config.Credentials,
	}
	return c, nil
}

// wallClock returns the time without the monotonic reading, which may stand still
// while a Lambda is frozen between two invocations.
func wallClock() time.Time { return time.Now().Round(0) }

func parseHost(host string) (*url.URL, error) {
	base, err := url.Parse(strings.TrimRight(host, "/"))
	switch {
	case err != nil || base.User != nil || base.RawQuery != "" || base.Fragment != "":
		// The value is left out, because it may hold a password.
		return nil, errkind.Errorf(errkind.Misconfigured,
			"SFTPGO_HOST must be a URL such as https://sftpgo.example.org, without a username, query or fragment")
	case base.Scheme != "http" && base.Scheme != "https" || base.Hostname() == "":
		return nil, errkind.Errorf(errkind.Misconfigured,
			"SFTPGO_HOST is %q; it must be a URL such as https://sftpgo.example.org", host)
	}
	return base, nil
}

// newHTTPClient returns a client that has timeouts, and that sends credentials to no
// other than the configured host.
func newHTTPClient(wrap func(http.RoundTripper) http.RoundTripper) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: connectTimeout}).DialContext
	transport.TLSHandshakeTimeout = connectTimeout
	transport.ResponseHeaderTimeout = requestTimeout
	transport.IdleConnTimeout = idleTimeout
	client := &http.Client{Transport: transport, Timeout: requestTimeout}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if wrap != nil {
		client.Transport = wrap(transport)
	}
	return client
}

// Version returns the server's version, such as 2.6.4.
func (c *Client) Version(ctx context.Context) (string, error) {
	response, err := get[struct {
		Version string `json:"version"`
	}](ctx, c, "version")
	return response.Version, err
}
