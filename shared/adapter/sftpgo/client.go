// Package sftpgo reads and writes users and virtual folders through the REST
// API of an SFTPGo server, version 2.6
// (https://github.com/drakkan/sftpgo/blob/v2.6.4/openapi/openapi.yaml).
//
// A PUT replaces a whole record, so a record goes back as it came, with only
// what is ours changed in it: fields that this package has never heard of
// survive at any depth.
//
// Every error is of a remedy's kind, or wraps one of account's. None of them
// holds a password, key or token, even if the server repeats it.
package sftpgo

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Config says where the server is and who comes to it.
type Config struct {
	// Host is the server's URL, with a path if it is published below one.
	Host        string
	Credentials Credentials
	// ReloadCredentials, if it is not nil, gives the credentials as they are by now. It is
	// asked when the server has refused those that the client has.
	ReloadCredentials func(context.Context) (Credentials, error)
	// HTTPClient makes the calls, if it is not nil. Redirects are never
	// followed, and a client without a timeout gets that of the package.
	HTTPClient *http.Client
}

// Timeouts of the package's own HTTP client. The server takes a second or two
// for a login that it makes slow on purpose.
const (
	timeout        = 30 * time.Second
	connectTimeout = 5 * time.Second
	// idleTimeout is less than the minute after which the server hangs up.
	idleTimeout = 30 * time.Second
)

// Client is an administrator's access to an SFTPGo server. It may be used by
// many goroutines, which share one login.
type Client struct {
	base              *url.URL
	rereadCredentials func(context.Context) (Credentials, error)
	http              *http.Client
	now               func() time.Time
	// session holds the one session while nobody uses it.
	session chan *session
}

var (
	_ account.Accounts     = (*Client)(nil)
	_ account.FolderReader = (*Client)(nil)
	_ account.FolderWriter = (*Client)(nil)
)

// New makes a client without calling the server. A configuration that can't
// work is Misconfigured, with the names of the environment's variables.
func New(config Config) (*Client, error) {
	base, err := parseHost(config.Host)
	if err != nil {
		return nil, err
	}
	if err := config.Credentials.check(); err != nil {
		return nil, err
	}
	c := &Client{
		base:              base,
		rereadCredentials: config.ReloadCredentials,
		http:              httpClient(config.HTTPClient),
		now:               wallClock,
		session:           make(chan *session, 1),
	}
	c.giveBack(&session{credentials: config.Credentials})
	return c, nil
}

// wallClock is a time without the monotonic reading, which may stand still
// while a Lambda is frozen between two invocations.
func wallClock() time.Time { return time.Now().Round(0) }

func parseHost(host string) (*url.URL, error) {
	base, err := url.Parse(strings.TrimRight(host, "/"))
	switch {
	case err != nil || base.User != nil || base.RawQuery != "" || base.Fragment != "":
		// What it is stays out: it may hold a password.
		return nil, errkind.Errorf(errkind.Misconfigured,
			"SFTPGO_HOST must be a URL such as https://sftpgo.example.org, without a username, query or fragment")
	case base.Scheme != "http" && base.Scheme != "https" || base.Hostname() == "":
		return nil, errkind.Errorf(errkind.Misconfigured,
			"SFTPGO_HOST is %q; it must be a URL such as https://sftpgo.example.org", host)
	}
	return base, nil
}

// httpClient gives a client that waits for nothing for ever, and that takes
// credentials nowhere but to the configured host.
func httpClient(given *http.Client) *http.Client {
	client := &http.Client{}
	if given != nil {
		*client = *given
	}
	if client.Transport == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.DialContext = (&net.Dialer{Timeout: connectTimeout}).DialContext
		transport.TLSHandshakeTimeout = connectTimeout
		transport.ResponseHeaderTimeout = timeout
		transport.IdleConnTimeout = idleTimeout
		client.Transport = transport
	}
	if client.Timeout == 0 {
		client.Timeout = timeout
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client
}

// Version gives the server's version, such as 2.6.4.
func (c *Client) Version(ctx context.Context) (string, error) {
	answer, err := body[struct {
		Version string `json:"version"`
	}](ctx, c, request{method: http.MethodGet, path: []string{"version"}})
	return answer.Version, err
}
