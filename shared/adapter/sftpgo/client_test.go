package sftpgo_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/adapter/sftpgo"
	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/secret"
)

func TestNewRejectsAConfigurationThatCannotWork(t *testing.T) {
	t.Parallel()
	const host = "https://sftpgo.example.org"
	hidden := secret.New("hunter2-hunter2")
	tests := []struct {
		name string
		give sftpgo.Config
		want string
	}{
		{"no host", sftpgo.Config{Credentials: sftpgo.Credentials{APIKey: hidden}}, "SFTPGO_HOST"},
		{"no scheme", sftpgo.Config{Host: "sftpgo.example.org:8080", Credentials: sftpgo.Credentials{APIKey: hidden}}, "SFTPGO_HOST"},
		{"another scheme", sftpgo.Config{Host: "sftp://sftpgo.example.org", Credentials: sftpgo.Credentials{APIKey: hidden}}, "SFTPGO_HOST"},
		{"no name", sftpgo.Config{Host: "https://:8080", Credentials: sftpgo.Credentials{APIKey: hidden}}, "SFTPGO_HOST"},
		{"a password in the URL", sftpgo.Config{Host: "https://admin:hunter2-hunter2@sftpgo.example.org", Credentials: sftpgo.Credentials{APIKey: hidden}}, "SFTPGO_HOST"},
		{"a password in no URL", sftpgo.Config{Host: "https://admin:hunter2-hunter2@sftpgo:port", Credentials: sftpgo.Credentials{APIKey: hidden}}, "SFTPGO_HOST"},
		{"a query", sftpgo.Config{Host: host + "?key=hunter2-hunter2", Credentials: sftpgo.Credentials{APIKey: hidden}}, "SFTPGO_HOST"},
		{"no credentials", sftpgo.Config{Host: host}, "SFTPGO_USERNAME and SFTPGO_PASSWORD, or SFTPGO_API_KEY"},
		{"no username", sftpgo.Config{Host: host, Credentials: sftpgo.Credentials{Password: hidden}}, "SFTPGO_USERNAME is missing"},
		{"no password", sftpgo.Config{Host: host, Credentials: sftpgo.Credentials{Username: username}}, "SFTPGO_PASSWORD is missing"},
		{"a colon in the username", sftpgo.Config{Host: host, Credentials: sftpgo.Credentials{Username: "a:b", Password: hidden}}, "SFTPGO_USERNAME has a colon"},
		{"a key with a line break", sftpgo.Config{Host: host, Credentials: sftpgo.Credentials{APIKey: secret.New("hunter2-hunter2\n")}}, "SFTPGO_API_KEY"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := sftpgo.New(tt.give)
			require.ErrorContains(t, err, tt.want)
			assert.Equal(t, errkind.Misconfigured, errkind.Of(err))
			assert.NotContains(t, err.Error(), "hunter2")
		})
	}
}

func TestNamesAreEscapedInThePath(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, give, want string }{
		{"plain", "alice", "alice"},
		{"an address", "test.user+tag@example.com", "test.user+tag@example.com"},
		{"a slash", "a/../b", "a%2F..%2Fb"},
		{"a percent sign", "a%2Fb", "a%252Fb"},
		{"a question mark", "a?b#c", "a%3Fb%23c"},
		{"a space", "a b", "a%20b"},
		{"a semicolon and a comma", "a;b,c", "a%3Bb%2Cc"},
		{"unicode", "zoë", "zo%C3%AB"},
		{"dots", "...", "..."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, s := newClient(t)
			s.users[tt.give] = parse(fmt.Sprintf(`{"username":%q}`, tt.give))
			got, err := c.Account(t.Context(), tt.give)
			require.NoError(t, err)
			assert.Equal(t, tt.give, got.Username)
			assert.Equal(t, "GET /api/v2/users/"+tt.want, s.lastRequest().Line)
		})
	}
}

// The server reads every name from the path as it was, and the path is that of no
// other resource.
func FuzzNames(f *testing.F) {
	for _, name := range []string{"a+b@x.org", "%2e%2e", "../x", "ü", "a//b", "?", "\x00", "\xff"} {
		f.Add(name)
	}
	var got string
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, err := url.PathUnescape(r.URL.EscapedPath()[len("/prefix/api/v2/folders/"):])
		assert.NoError(f, err)
		got = name
		writeResponse(w, http.StatusOK, "", "Folder deleted")
	}))
	f.Cleanup(h.Close)
	c, err := sftpgo.New(sftpgo.Config{Host: h.URL + "/prefix/", Credentials: sftpgo.Credentials{APIKey: secret.New(apiKey)}})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, name string) {
		got = ""
		err := c.DeleteFolder(t.Context(), name)
		if name == "" || name == "." || name == ".." {
			require.ErrorContains(t, err, "can't be the name")
			assert.Empty(t, got, "no request was sent")
			return
		}
		require.NoError(t, err)
		assert.Equal(t, name, got)
	})
}

func TestHostMayHaveAPath(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"/files", "/files/", "/f%2Fg"} {
		s := newServer(t)
		s.respondWith(http.StatusOK, `{"version":"2.6.4"}`)
		c := s.client(t, sftpgo.Config{Host: s.URL + prefix, Credentials: sftpgo.Credentials{APIKey: secret.New(apiKey)}})
		version, err := c.Version(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "2.6.4", version)
		want, err := url.JoinPath(prefix, "api/v2/version")
		require.NoError(t, err)
		assert.Equal(t, "GET "+want, s.lastRequest().Line)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	other := newServer(t)
	c, s := newClient(t)
	s.intercept = func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
		return true
	}
	_, err := c.Account(t.Context(), "alice")
	require.ErrorContains(t, err, "set SFTPGO_HOST to the final address")
	assert.Equal(t, errkind.Misconfigured, errkind.Of(err))
	assert.Empty(t, other.requests)
}

func TestRequestsTimeOut(t *testing.T) {
	t.Parallel()
	t.Run("the client's timeout", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			hang := roundTripper(func(r *http.Request) (*http.Response, error) {
				<-r.Context().Done()
				return nil, r.Context().Err()
			})
			c, err := sftpgo.New(sftpgo.Config{
				Host: "https://sftpgo.example.org", Credentials: sftpgo.Credentials{APIKey: secret.New(apiKey)},
				WrapTransport: func(http.RoundTripper) http.RoundTripper { return hang },
			})
			require.NoError(t, err)
			start := time.Now()
			_, err = c.Account(t.Context(), "alice")
			require.ErrorContains(t, err, "GET /api/v2/users/alice: ")
			assert.Equal(t, errkind.Unavailable, errkind.Of(err))
			assert.Equal(t, 30*time.Second, time.Since(start))
		})
	})
	t.Run("the context's deadline", func(t *testing.T) {
		t.Parallel()
		s, done := newServer(t), make(chan struct{})
		defer close(done)
		s.intercept = func(_ http.ResponseWriter, r *http.Request) bool {
			select {
			case <-r.Context().Done():
			case <-done:
			}
			return true
		}
		c := s.client(t, sftpgo.Config{Host: s.URL, Credentials: sftpgo.Credentials{Username: username, Password: secret.New(password)}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err := c.Account(ctx, "alice")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, errkind.Unavailable, errkind.Of(err))
	})
}

func TestConnectionErrorsHaveAKind(t *testing.T) {
	t.Parallel()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	s := newServer(t)
	down := newServer(t)
	down.Close()
	tests := []struct {
		name, give string
		want       errkind.Kind
	}{
		{"nothing listens", down.URL, errkind.Unavailable},
		{"an untrusted certificate", secure.URL, errkind.Misconfigured},
		{"https to an http server", "https" + s.URL[len("http"):], errkind.Misconfigured},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := s.client(t, sftpgo.Config{Host: tt.give, Credentials: sftpgo.Credentials{APIKey: secret.New(apiKey)}})
			_, err := c.Version(t.Context())
			require.ErrorContains(t, err, "GET /api/v2/version: ")
			assert.Equal(t, tt.want, errkind.Of(err), "%v", err)
		})
	}
}

func TestResponseWithAnotherNameIsAnError(t *testing.T) {
	t.Parallel()
	c, s := newClient(t)
	s.respondWith(http.StatusOK, `{"username":"alice@example.org","name":"alice"}`)
	_, err := c.Account(t.Context(), "Alice@example.org")
	require.ErrorContains(t, err, `"alice@example.org" instead of "Alice@example.org"`)
	_, err = c.Folder(t.Context(), "Alice")
	require.ErrorContains(t, err, `"alice" instead of "Alice"`)
	assert.NotErrorIs(t, err, account.ErrNoFolder)
}

// A wrapped transport has the client's limits.
func TestWrapTransport(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	var wrapped http.RoundTripper
	requests := 0
	c := s.client(t, sftpgo.Config{Host: s.URL, Credentials: sftpgo.Credentials{APIKey: secret.New(apiKey)}, WrapTransport: func(next http.RoundTripper) http.RoundTripper {
		wrapped = next
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			requests++
			return next.RoundTrip(r)
		})
	}})
	_, err := c.Version(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, requests)
	transport := wrapped.(*http.Transport)
	for _, limit := range []time.Duration{transport.TLSHandshakeTimeout, transport.ResponseHeaderTimeout, transport.IdleConnTimeout} {
		assert.NotZero(t, limit)
		assert.LessOrEqual(t, limit, 30*time.Second)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Something before the server, such as a page that asks to sign in, may answer with
// status 200 and a JSON of its own.
func TestWriteThatSomethingElseAnswers(t *testing.T) {
	t.Parallel()
	const name = "a_x_org-org-dev-data"
	spec, keys := account.Spec{Name: name, Bucket: "org-dev-data"}, account.Keys{ID: "AKIA1", Secret: secret.New("secret/of/alice")}
	writes := map[string]func(context.Context, *sftpgo.Client) error{
		"create folder": func(ctx context.Context, c *sftpgo.Client) error { return c.CreateFolder(ctx, spec, keys) },
		"update folder": func(ctx context.Context, c *sftpgo.Client) error {
			return c.UpdateFolder(ctx, &account.Folder{Record: []byte(`{"name":"` + name + `"}`)}, spec, keys)
		},
		"delete folder": func(ctx context.Context, c *sftpgo.Client) error { return c.DeleteFolder(ctx, name) },
		"edit account": func(ctx context.Context, c *sftpgo.Client) error {
			return c.EditAccount(ctx, &account.Account{Username: "alice@example.org", Record: []byte(userRecord)}, account.Edit{Map: []account.Spec{spec}, Disconnect: true})
		},
	}
	for write, do := range writes {
		for _, answer := range []string{`{"status":"ok"}`, `[]`, `null`, `"ok"`} {
			t.Run(write+" "+answer, func(t *testing.T) {
				t.Parallel()
				c, s := newClient(t)
				s.users["alice@example.org"] = parse(userRecord)
				s.intercept = func(w http.ResponseWriter, r *http.Request) bool {
					if r.Method == http.MethodGet {
						return false
					}
					_, _ = io.WriteString(w, answer)
					return true
				}

				err := do(t.Context(), c)

				assert.Equal(t, errkind.Unavailable, errkind.Of(err))
				require.ErrorContains(t, err, "check SFTPGO_HOST")
			})
		}
	}
}
