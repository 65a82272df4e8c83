package sftpgo

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/secret"
)

// rejectionPeriod is how long rejected credentials are not sent again. The
// server's defender bans an address at 15 points within 30 minutes, and a rejected
// login costs up to 2 (https://github.com/drakkan/sftpgo/blob/v2.6.4/sftpgo.json).
// It ends, because a client may outlive the cause of the rejection.
const rejectionPeriod = 10 * time.Minute

// token authorizes requests. A login returns it, or it is an API key.
type token struct {
	value       secret.Text
	isAPIKey    bool
	credentials Credentials
	// renewAt is when a login replaces the token; zero means only once the server
	// rejects it.
	renewAt time.Time
}

func (t *token) isValid(now time.Time) bool {
	return t != nil && (t.renewAt.IsZero() || now.Before(t.renewAt))
}

func (t *token) authorize(r *http.Request) {
	if t.isAPIKey {
		r.Header.Set("X-SFTPGO-API-KEY", t.value.Reveal())
		return
	}
	r.Header.Set("Authorization", "Bearer "+t.value.Reveal())
}

func (t *token) secrets() []secret.Text { return append(t.credentials.secrets(), t.value) }

// tokenSource gives all requests of a Client the same token. It logs in when it has
// no valid one: a single request does so, and the others wait for its result.
type tokenSource struct {
	login             func(context.Context, Credentials) (*token, error)
	reloadCredentials func(context.Context) (Credentials, error)
	now               func() time.Time

	// lock guards the fields below. It is a semaphore instead of a mutex because
	// a request that waits for it has to end with its context.
	lock        *semaphore.Weighted
	credentials Credentials
	token       *token
	// rejection is the error with which the server last rejected the credentials.
	rejection error
	// retryAt is when rejected credentials may be sent again.
	retryAt time.Time
}

// get returns a valid token, and logs in if there is none. While the credentials
// are rejected, it returns the rejection.
func (s *tokenSource) get(ctx context.Context) (*token, error) {
	return s.replace(ctx, nil, nil)
}

// replace returns a token like get, in place of one that the server rejected for this
// cause.
func (s *tokenSource) replace(ctx context.Context, rejected *token, cause error) (*token, error) {
	if err := s.lock.Acquire(ctx, 1); err != nil {
		return nil, errkind.Errorf(errkind.Unavailable, "wait for the login to SFTPGo: %w", err)
	}
	defer s.lock.Release(1)
	if rejected != nil && rejected == s.token { // otherwise, another request has replaced it
		s.token = nil
		if rejected.isAPIKey {
			s.reject(cause)
		}
	}
	return s.validToken(ctx)
}

// validToken returns the token, or that of a new login. Credentials that the
// server rejects are reloaded once.
func (s *tokenSource) validToken(ctx context.Context) (*token, error) {
	for range 2 {
		if s.rejection != nil && s.now().Before(s.retryAt) && !s.reload(ctx) {
			break
		}
		if s.token.isValid(s.now()) {
			return s.token, nil
		}
		token, err := s.login(ctx, s.credentials)
		if errkind.Of(err) != errkind.AccessDenied {
			s.token = token
			return token, err
		}
		s.reject(err)
	}
	return nil, s.rejection
}

// reject records that the server rejected the credentials for this cause.
func (s *tokenSource) reject(cause error) {
	now := s.now()
	s.token, s.retryAt = nil, now.Add(rejectionPeriod)
	s.rejection = errkind.Errorf(errkind.AccessDenied, "%w (rejected at %s; not tried again for %v)",
		cause, now.UTC().Format(time.TimeOnly), rejectionPeriod)
}

// reload replaces rejected credentials, and returns whether there are others. It
// ignores credentials that can't be read or can't work: the rejection is the more helpful error.
func (s *tokenSource) reload(ctx context.Context) bool {
	if s.reloadCredentials == nil {
		return false
	}
	credentials, err := s.reloadCredentials(ctx)
	if err != nil || credentials.check() != nil || credentials.equal(s.credentials) {
		return false
	}
	s.credentials, s.rejection = credentials, nil
	return true
}
