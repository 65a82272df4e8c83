package sftpgo

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/secret"
)

// login exchanges a username and password for a token, which is renewed when a
// tenth of its life is left. An API key takes no login.
func (c *Client) login(ctx context.Context, credentials Credentials) (*token, error) {
	if !credentials.APIKey.Empty() {
		return &token{value: credentials.APIKey, isAPIKey: true, credentials: credentials}, nil
	}
	start := c.tokens.now()
	r := request{method: http.MethodGet, path: []string{"token"}, isLogin: true}
	body, err := c.send(ctx, r, credentials)
	if err != nil {
		return nil, err
	}
	var response struct {
		AccessToken string `json:"access_token"`
		ExpiresAt   string `json:"expires_at"`
	}
	if err := json.Unmarshal(body, &response); err != nil || response.AccessToken == "" {
		return nil, errkind.Errorf(errkind.Misconfigured,
			"GET %s: the response holds no token, so this is not SFTPGo; check SFTPGO_HOST", c.buildURL(r).EscapedPath())
	}
	t := &token{value: secret.New(response.AccessToken), credentials: credentials}
	if expiresAt, err := time.Parse(time.RFC3339, response.ExpiresAt); err == nil && expiresAt.After(start) {
		t.renewAt = start.Add(expiresAt.Sub(start) / 10 * 9)
	}
	return t, nil
}
