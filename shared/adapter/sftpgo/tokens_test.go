package sftpgo_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/adapter/sftpgo"
	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/secret"
	"github.com/digipres/sync-users/shared/settings"
)

func TestConcurrentRequestsShareOneLogin(t *testing.T) {
	t.Parallel()
	c, s := newClient(t)
	var requests sync.WaitGroup
	for range 20 {
		requests.Go(func() {
			_, err := c.Account(t.Context(), "nobody")
			assert.ErrorIs(t, err, account.ErrNoAccount)
		})
	}
	requests.Wait()
	lines, logins := s.received()
	assert.Len(t, lines, 20)
	assert.Equal(t, 1, logins)
}

func TestTokenIsRenewedBeforeItExpires(t *testing.T) {
	t.Parallel()
	c, s := newClient(t)
	start := time.Now()
	var elapsed time.Duration
	clock := func() time.Time { return start.Add(elapsed) }
	s.now = clock
	c.SetClock(clock)
	for _, tt := range []struct {
		at   time.Duration
		want int
	}{{0, 1}, {17 * time.Minute, 1}, {18 * time.Minute, 2}, {35 * time.Minute, 2}, {37 * time.Minute, 3}} {
		elapsed = tt.at
		_, err := c.Version(t.Context())
		require.NoError(t, err)
		_, logins := s.received()
		assert.Equal(t, tt.want, logins, "after %v", tt.at)
	}
}

func TestTokenWithUnknownExpiryIsUsed(t *testing.T) {
	t.Parallel()
	c, s := newClient(t)
	s.tokenLifetime = -time.Hour // the clocks differ
	for range 3 {
		_, err := c.Version(t.Context())
		require.NoError(t, err)
	}
	_, logins := s.received()
	assert.Equal(t, 1, logins)
}

func TestRejectedTokenIsReplacedOnce(t *testing.T) {
	t.Parallel()
	c, s := newClient(t)
	_, err := c.Version(t.Context())
	require.NoError(t, err)
	s.revokeTokens()
	var requests sync.WaitGroup
	for range 10 {
		requests.Go(func() {
			_, err := c.Version(t.Context())
			assert.NoError(t, err)
		})
	}
	requests.Wait()
	_, logins := s.received()
	assert.Equal(t, 2, logins, "the requests share the new login")
}

func TestRequestIsRepeatedOnlyOnce(t *testing.T) {
	t.Parallel()
	c, s := newClient(t)
	s.respondWith(http.StatusUnauthorized, `{"message":"Your token is not valid"}`)
	_, err := c.Version(t.Context())
	require.ErrorContains(t, err, "Your token is not valid")
	require.ErrorContains(t, err, "token_validation")
	assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
	lines, logins := s.received()
	assert.Len(t, lines, 2)
	assert.Equal(t, 2, logins)
}

func TestRejectedLoginIsNotRepeated(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	c := s.client(t, sftpgo.Config{Host: s.URL, Credentials: sftpgo.Credentials{Username: username, Password: secret.New("not-the-password")}})
	start := time.Now()
	var elapsed time.Duration
	c.SetClock(func() time.Time { return start.Add(elapsed) })
	var requests sync.WaitGroup
	for range 10 {
		requests.Go(func() {
			_, err := c.Account(t.Context(), "alice")
			assert.ErrorContains(t, err, "invalid credentials; check SFTPGO_USERNAME and SFTPGO_PASSWORD")
			assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
		})
	}
	requests.Wait()
	lines, logins := s.received()
	assert.Empty(t, lines)
	assert.Equal(t, 1, logins)

	elapsed = 10 * time.Minute
	_, err := c.Account(t.Context(), "alice")
	require.Error(t, err)
	_, logins = s.received()
	assert.Equal(t, 2, logins, "the password may be right by now")
}

func TestFailedLoginIsRepeatedAtTheNextRequest(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		status     int
		want       errkind.Kind
	}{
		{"a proxy is down", "<html>down</html>", http.StatusBadGateway, errkind.Unavailable},
		{"too many connections", `{"error":"you are not allowed to connect","message":""}`, http.StatusForbidden, errkind.Throttled},
		{"another server", "404 page not found", http.StatusNotFound, errkind.Misconfigured},
		{"a web page", "<html>welcome</html>", http.StatusOK, errkind.Unavailable},
		{"other JSON", `{"ok":true}`, http.StatusOK, errkind.Misconfigured},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, s := newClient(t)
			broken := true
			s.intercept = func(w http.ResponseWriter, _ *http.Request) bool {
				if broken {
					w.WriteHeader(tt.status)
					_, _ = fmt.Fprint(w, tt.body)
				}
				return broken
			}
			_, err := c.Version(t.Context())
			require.ErrorContains(t, err, "/api/v2/token")
			assert.Equal(t, tt.want, errkind.Of(err), "%v", err)
			broken = false
			_, err = c.Version(t.Context())
			require.NoError(t, err)
		})
	}
}

func TestAPIKeyTakesNoLogin(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	c := s.client(t, sftpgo.Config{Host: s.URL, Credentials: sftpgo.Credentials{APIKey: secret.New(apiKey), Username: username}})
	_, err := c.Version(t.Context())
	require.NoError(t, err)
	request := s.lastRequest()
	assert.Equal(t, apiKey, request.Header.Get("X-SFTPGO-API-KEY"))
	assert.Empty(t, request.Header.Get("Authorization"))
	_, logins := s.received()
	assert.Zero(t, logins)
}

func TestRejectedAPIKeyIsNotRepeated(t *testing.T) {
	t.Parallel()
	for status, message := range map[int]string{
		http.StatusBadRequest:   "the provided api key is not valid",
		http.StatusUnauthorized: "the provided api key cannot be authenticated",
		http.StatusForbidden:    "the provided api key is invalid for this request",
	} {
		s := newServer(t)
		s.respondWith(status, fmt.Sprintf(`{"error":%q,"message":""}`, message))
		c := s.client(t, sftpgo.Config{Host: s.URL, Credentials: sftpgo.Credentials{APIKey: secret.New(apiKey)}})
		for range 2 {
			_, err := c.Version(t.Context())
			require.ErrorContains(t, err, message)
			require.ErrorContains(t, err, "check SFTPGO_API_KEY")
			assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
		}
		lines, _ := s.received()
		assert.Len(t, lines, 1, message)
	}
}

// fakeResolver has parameters by name, and counts how often one was read.
type fakeResolver struct {
	parameters map[string]string
	reads      int
}

func (f *fakeResolver) Resolve(_ context.Context, setting, value string) (string, error) {
	name, ok := strings.CutPrefix(value, "ssm:")
	if !ok {
		return value, nil
	}
	f.reads++
	if f.parameters[name] == "" {
		return "", errkind.Errorf(errkind.Misconfigured, "%s is not there", setting)
	}
	return f.parameters[name], nil
}

func TestRejectedCredentialsAreReloaded(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		settings settings.SFTPGo
		valid    string
	}{
		{"a password", settings.SFTPGo{Username: username, Password: secret.New("ssm:name")}, password},
		{"an API key", settings.SFTPGo{APIKey: secret.New("ssm:name")}, apiKey},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			resolver := &fakeResolver{parameters: map[string]string{"name": "old-" + tt.valid}}
			tt.settings.Host = s.URL
			c, err := sftpgo.NewFromSettings(t.Context(), tt.settings, resolver)
			require.NoError(t, err)
			requests := func() int { lines, logins := s.received(); return len(lines) + logins }

			for range 2 {
				_, err = c.Version(t.Context())
				assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
				assert.Equal(t, 1, requests(), "rejected credentials are not sent again")
			}
			resolver.parameters["name"] = ""
			_, err = c.Version(t.Context())
			assert.Equal(t, errkind.AccessDenied, errkind.Of(err), "the rejection is the more helpful error")

			resolver.parameters["name"] = tt.valid
			for range 2 {
				_, err = c.Version(t.Context())
				require.NoError(t, err)
			}
			assert.Equal(t, 5, resolver.reads, "accepted credentials are not reloaded")
		})
	}
}

func TestCredentialsThatChangedAreUsedAtOnce(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	resolver := &fakeResolver{parameters: map[string]string{"name": "old"}}
	c, err := sftpgo.NewFromSettings(t.Context(), settings.SFTPGo{Host: s.URL, Username: username, Password: secret.New("ssm:name")}, resolver)
	require.NoError(t, err)
	resolver.parameters["name"] = password

	_, err = c.Version(t.Context())

	require.NoError(t, err)
	_, logins := s.received()
	assert.Equal(t, 2, logins)
}

func TestRequestThatWaitsForTheLoginEndsWithItsContext(t *testing.T) {
	t.Parallel()
	c, s := newClient(t)
	loginStarted, finishLogin := make(chan struct{}), make(chan struct{})
	s.intercept = func(_ http.ResponseWriter, r *http.Request) bool {
		if isLogin(r) {
			close(loginStarted)
			<-finishLogin
		}
		return false
	}
	var first sync.WaitGroup
	first.Go(func() {
		_, err := c.Version(t.Context())
		assert.NoError(t, err)
	})
	<-loginStarted
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := c.Version(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "wait for the login")
	assert.Equal(t, errkind.Unavailable, errkind.Of(err))
	close(finishLogin)
	first.Wait()
}
