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

func TestOneLoginServesAllCalls(t *testing.T) {
	t.Parallel()
	c, s := newClient(t)
	var callers sync.WaitGroup
	for range 20 {
		callers.Go(func() {
			_, err := c.Account(t.Context(), "nobody")
			assert.ErrorIs(t, err, account.ErrNoAccount)
		})
	}
	callers.Wait()
	lines, logins := s.lines()
	assert.Len(t, lines, 20)
	assert.Equal(t, 1, logins)
}

func TestATokenIsRenewedBeforeItEnds(t *testing.T) {
	t.Parallel()
	c, s := newClient(t)
	start := time.Now()
	var passed time.Duration
	clock := func() time.Time { return start.Add(passed) }
	s.now = clock
	c.SetClock(clock)
	for _, tt := range []struct {
		at   time.Duration
		want int
	}{{0, 1}, {17 * time.Minute, 1}, {18 * time.Minute, 2}, {35 * time.Minute, 2}, {37 * time.Minute, 3}} {
		passed = tt.at
		_, err := c.Version(t.Context())
		require.NoError(t, err)
		_, logins := s.lines()
		assert.Equal(t, tt.want, logins, "after %v", tt.at)
	}
}

func TestATokenWithoutAKnownEndIsUsed(t *testing.T) {
	t.Parallel()
	c, s := newClient(t)
	s.life = -time.Hour // the clocks differ
	for range 3 {
		_, err := c.Version(t.Context())
		require.NoError(t, err)
	}
	_, logins := s.lines()
	assert.Equal(t, 1, logins)
}

func TestARefusedTokenIsReplacedOnce(t *testing.T) {
	t.Parallel()
	c, s := newClient(t)
	_, err := c.Version(t.Context())
	require.NoError(t, err)
	s.revoke()
	var callers sync.WaitGroup
	for range 10 {
		callers.Go(func() {
			_, err := c.Version(t.Context())
			assert.NoError(t, err)
		})
	}
	callers.Wait()
	_, logins := s.lines()
	assert.Equal(t, 2, logins, "the callers share the new login")
}

func TestACallIsRepeatedOnlyOnce(t *testing.T) {
	t.Parallel()
	c, s := newClient(t)
	s.answers(http.StatusUnauthorized, `{"message":"Your token is not valid"}`)
	_, err := c.Version(t.Context())
	require.ErrorContains(t, err, "Your token is not valid")
	require.ErrorContains(t, err, "token_validation")
	assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
	lines, logins := s.lines()
	assert.Len(t, lines, 2)
	assert.Equal(t, 2, logins)
}

func TestARefusedLoginIsNotRepeated(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	c := s.client(t, sftpgo.Config{Host: s.URL, Credentials: sftpgo.Credentials{Username: username, Password: secret.New("not-the-password")}})
	start := time.Now()
	var passed time.Duration
	c.SetClock(func() time.Time { return start.Add(passed) })
	var callers sync.WaitGroup
	for range 10 {
		callers.Go(func() {
			_, err := c.Account(t.Context(), "alice")
			assert.ErrorContains(t, err, "invalid credentials; check SFTPGO_USERNAME and SFTPGO_PASSWORD")
			assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
		})
	}
	callers.Wait()
	lines, logins := s.lines()
	assert.Empty(t, lines)
	assert.Equal(t, 1, logins)

	passed = 10 * time.Minute
	_, err := c.Account(t.Context(), "alice")
	require.Error(t, err)
	_, logins = s.lines()
	assert.Equal(t, 2, logins, "the password may be right by now")
}

func TestALoginThatTimeMendsIsTriedAgain(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		status     int
		want       errkind.Kind
	}{
		{"down", "<html>down</html>", http.StatusBadGateway, errkind.Unavailable},
		{"too many", `{"error":"you are not allowed to connect","message":""}`, http.StatusForbidden, errkind.Throttled},
		{"elsewhere", "404 page not found", http.StatusNotFound, errkind.Misconfigured},
		{"a page", "<html>welcome</html>", http.StatusOK, errkind.Unavailable},
		{"other JSON", `{"ok":true}`, http.StatusOK, errkind.Misconfigured},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, s := newClient(t)
			broken := true
			s.instead = func(w http.ResponseWriter, _ *http.Request) bool {
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

func TestAPIKey(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	c := s.client(t, sftpgo.Config{Host: s.URL, Credentials: sftpgo.Credentials{APIKey: secret.New(apiKey), Username: username}})
	_, err := c.Version(t.Context())
	require.NoError(t, err)
	call := s.last()
	assert.Equal(t, apiKey, call.Header.Get("X-SFTPGO-API-KEY"))
	assert.Empty(t, call.Header.Get("Authorization"))
	_, logins := s.lines()
	assert.Zero(t, logins)
}

func TestARefusedAPIKeyIsNotRepeated(t *testing.T) {
	t.Parallel()
	for status, words := range map[int]string{
		http.StatusBadRequest:   "the provided api key is not valid",
		http.StatusUnauthorized: "the provided api key cannot be authenticated",
		http.StatusForbidden:    "the provided api key is invalid for this request",
	} {
		s := newServer(t)
		s.answers(status, fmt.Sprintf(`{"error":%q,"message":""}`, words))
		c := s.client(t, sftpgo.Config{Host: s.URL, Credentials: sftpgo.Credentials{APIKey: secret.New(apiKey)}})
		for range 2 {
			_, err := c.Version(t.Context())
			require.ErrorContains(t, err, words)
			require.ErrorContains(t, err, "check SFTPGO_API_KEY")
			assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
		}
		lines, _ := s.lines()
		assert.Len(t, lines, 1, strings.ToLower(words))
	}
}

// safe holds credentials by the names that settings refer to them, and counts
// how often it was asked for one.
type safe struct {
	values map[string]string
	asked  int
}

func (s *safe) Resolve(_ context.Context, setting, value string) (string, error) {
	name, ok := strings.CutPrefix(value, "ssm:")
	if !ok {
		return value, nil
	}
	s.asked++
	if s.values[name] == "" {
		return "", errkind.Errorf(errkind.Misconfigured, "%s is not there", setting)
	}
	return s.values[name], nil
}

func TestRefusedCredentialsAreLookedUpAgain(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		settings settings.SFTPGo
		right    string
	}{
		{"a password", settings.SFTPGo{Username: username, Password: secret.New("ssm:it")}, password},
		{"an API key", settings.SFTPGo{APIKey: secret.New("ssm:it")}, apiKey},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			references := &safe{values: map[string]string{"it": "old-" + tt.right}}
			tt.settings.Host = s.URL
			c, err := sftpgo.Connect(t.Context(), tt.settings, references)
			require.NoError(t, err)
			tries := func() int { calls, logins := s.lines(); return len(calls) + logins }

			for range 2 {
				_, err = c.Version(t.Context())
				assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
				assert.Equal(t, 1, tries(), "what was refused is not tried again")
			}
			references.values["it"] = ""
			_, err = c.Version(t.Context())
			assert.Equal(t, errkind.AccessDenied, errkind.Of(err), "the refusal says more than that nothing is there")

			references.values["it"] = tt.right
			for range 2 {
				_, err = c.Version(t.Context())
				require.NoError(t, err)
			}
			assert.Equal(t, 5, references.asked, "nobody asks while all is well")
		})
	}
}

func TestCredentialsThatChangedMeanwhile(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	references := &safe{values: map[string]string{"it": "old"}}
	c, err := sftpgo.Connect(t.Context(), settings.SFTPGo{Host: s.URL, Username: username, Password: secret.New("ssm:it")}, references)
	require.NoError(t, err)
	references.values["it"] = password

	_, err = c.Version(t.Context())

	require.NoError(t, err)
	_, logins := s.lines()
	assert.Equal(t, 2, logins)
}
