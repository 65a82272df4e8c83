package sftpgo

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/digipres/sync-users/shared/remedy"
)

// afterRefusal is how long a refused login is not tried again. The server's
// defender bans an address at 15 points within 30 minutes, and a refused login
// costs up to 2 (https://github.com/drakkan/sftpgo/blob/v2.6.4/sftpgo.json).
// It is not for ever, because a client may outlive what was wrong.
const afterRefusal = 10 * time.Minute

// session is what came of the logins so far.
type session struct {
	token string
	// renew is when the token is replaced; zero, when the server refuses it.
	renew time.Time
	// refusal is the server's answer to a login that it refused.
	refusal   error
	refusedAt time.Time
}

// token gives the session's token, which is not the stale one. It logs in
// where that is needed, one caller at a time, while the others wait. A refusal
// is given to all who come in the ten minutes after it.
func (c *Client) token(ctx context.Context, stale string) (string, error) {
	var s *session
	select {
	case s = <-c.session:
		defer func() { c.session <- s }()
	case <-ctx.Done():
		return "", remedy.Errorf(remedy.Unavailable, "wait for the login to SFTPGo: %w", ctx.Err())
	}
	now := c.now()
	if s.refusal != nil && now.Sub(s.refusedAt) < afterRefusal {
		return "", s.refusal
	}
	if !c.apiKey.Empty() {
		return c.apiKey.Reveal(), nil
	}
	if s.token != "" && s.token != stale && (s.renew.IsZero() || now.Before(s.renew)) {
		return s.token, nil
	}
	fresh, err := c.login(ctx)
	if remedy.Of(err) == remedy.AccessDenied {
		err = remedy.Errorf(remedy.AccessDenied, "%w (refused at %s; not tried again for %v)",
			err, now.UTC().Format(time.TimeOnly), afterRefusal)
		*s = session{refusal: err, refusedAt: now}
	}
	if err != nil {
		return "", err
	}
	*s = fresh
	return s.token, nil
}

// login gets a token with the administrator's password. It is renewed when a
// tenth of its life is left.
func (c *Client) login(ctx context.Context) (session, error) {
	r := request{method: http.MethodGet, path: []string{"token"}, login: true}
	before := c.now()
	answer, err := c.send(ctx, r, func(r *http.Request) { r.SetBasicAuth(c.username, c.password.Reveal()) })
	if err != nil {
		return session{}, err
	}
	var token struct {
		Token   string `json:"access_token"`
		Expires string `json:"expires_at"`
	}
	if err := json.Unmarshal(answer, &token); err != nil || token.Token == "" {
		return session{}, remedy.Errorf(remedy.Misconfigured,
			"GET %s: the answer holds no token, so this is no SFTPGo; check SFTPGO_HOST", c.buildURL(r).EscapedPath())
	}
	fresh := session{token: token.Token}
	if expires, err := time.Parse(time.RFC3339, token.Expires); err == nil && expires.After(before) {
		fresh.renew = before.Add(expires.Sub(before) / 10 * 9)
	}
	return fresh, nil
}

// refuse remembers that the server refused the API key.
func (c *Client) refuse(err error) error {
	s := <-c.session
	defer func() { c.session <- s }()
	*s = session{refusal: err, refusedAt: c.now()}
	return err
}

// bearer puts a token or the API key on a request.
func (c *Client) bearer(token string) func(*http.Request) {
	return func(r *http.Request) {
		if !c.apiKey.Empty() {
			r.Header.Set("X-SFTPGO-API-KEY", token)
			return
		}
		r.Header.Set("Authorization", "Bearer "+token)
	}
}
