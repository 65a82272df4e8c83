package sftpgo

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// afterRefusal is how long refused credentials are not tried again. The server's
// defender bans an address at 15 points within 30 minutes, and a refused login
// costs up to 2 (https://github.com/drakkan/sftpgo/blob/v2.6.4/sftpgo.json).
// It is not for ever, because a client may outlive what was wrong.
const afterRefusal = 10 * time.Minute

// session is what came of the credentials so far.
type session struct {
	credentials Credentials
	// pass is what the credentials gave; it has no value before they were tried.
	pass pass
	// renew is when a token is replaced; zero, when the server refuses it.
	renew time.Time
	// refusal is the server's answer to credentials that it refused.
	refusal   error
	refusedAt time.Time
}

// take gives the one session, which is the caller's until it is given back.
func (c *Client) take(ctx context.Context) (*session, error) {
	select {
	case s := <-c.session:
		return s, nil
	case <-ctx.Done():
		return nil, errkind.Errorf(errkind.Unavailable, "wait for the login to SFTPGo: %w", ctx.Err())
	}
}

func (c *Client) giveBack(s *session) { c.session <- s }

// enter gives the session's pass, which is not the stale one. It logs in where
// that is needed, one caller at a time, while the others wait. A refusal is given
// to all who come in the ten minutes after it, unless there are other credentials
// by then.
func (c *Client) enter(ctx context.Context, stale pass) (pass, error) {
	s, err := c.take(ctx)
	if err != nil {
		return pass{}, err
	}
	defer c.giveBack(s)
	if c.refused(s) && !c.reread(ctx, s) {
		return pass{}, s.refusal
	}
	if s.pass.value != "" && s.pass != stale && (s.renew.IsZero() || c.now().Before(s.renew)) {
		return s.pass, nil
	}
	err = c.open(ctx, s)
	if c.refused(s) && c.reread(ctx, s) {
		err = c.open(ctx, s)
	}
	return s.pass, err
}

// refused tells whether the server refused the credentials, and not long ago.
func (c *Client) refused(s *session) bool {
	return s.refusal != nil && c.now().Sub(s.refusedAt) < afterRefusal
}

// refuse remembers that the server refused the credentials.
func (c *Client) refuse(s *session, err error) error {
	now := c.now()
	err = errkind.Errorf(errkind.AccessDenied, "%w (refused at %s; not tried again for %v)",
		err, now.UTC().Format(time.TimeOnly), afterRefusal)
	*s = session{credentials: s.credentials, refusal: err, refusedAt: now}
	return err
}

// refuseKey remembers that the server refused an API key.
func (c *Client) refuseKey(ctx context.Context, key pass, err error) {
	s, canceled := c.take(ctx)
	if canceled != nil {
		return
	}
	defer c.giveBack(s)
	if s.pass == key {
		_ = c.refuse(s, err)
	}
}

// reread looks for other credentials in place of refused ones. What can't be read
// or can't work leaves the session as it is: the refusal says more.
func (c *Client) reread(ctx context.Context, s *session) bool {
	if c.rereadCredentials == nil {
		return false
	}
	now, err := c.rereadCredentials(ctx)
	if err != nil || now.check() != nil || now.equal(s.credentials) {
		return false
	}
	*s = session{credentials: now}
	return true
}

// open makes a pass of the session's credentials. A token is renewed when a tenth
// of its life is left.
func (c *Client) open(ctx context.Context, s *session) error {
	if !s.credentials.APIKey.Empty() {
		*s = session{credentials: s.credentials, pass: pass{s.credentials.APIKey.Reveal(), true, s.credentials}}
		return nil
	}
	r := request{method: http.MethodGet, path: []string{"token"}, login: true, hidden: s.credentials.secrets()}
	before := c.now()
	answer, err := c.send(ctx, r, func(r *http.Request) { r.SetBasicAuth(s.credentials.Username, s.credentials.Password.Reveal()) })
	if errkind.Of(err) == errkind.AccessDenied {
		return c.refuse(s, err)
	}
	if err != nil {
		return err
	}
	var token struct {
		Token   string `json:"access_token"`
		Expires string `json:"expires_at"`
	}
	if err := json.Unmarshal(answer, &token); err != nil || token.Token == "" {
		return errkind.Errorf(errkind.Misconfigured,
			"GET %s: the answer holds no token, so this is no SFTPGo; check SFTPGO_HOST", c.buildURL(r).EscapedPath())
	}
	*s = session{credentials: s.credentials, pass: pass{token.Token, false, s.credentials}}
	if expires, err := time.Parse(time.RFC3339, token.Expires); err == nil && expires.After(before) {
		s.renew = before.Add(expires.Sub(before) / 10 * 9)
	}
	return nil
}
