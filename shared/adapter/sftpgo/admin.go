package sftpgo

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Admin is the administrator that the client is logged in as.
type Admin struct {
	Username    string   `json:"username"`
	Permissions []string `json:"permissions"`
	// Role, if there is one, limits the administrator to the accounts of that
	// role: the server treats all others as missing.
	Role string `json:"role"`
}

// MissingPermissions returns the required permissions that the administrator lacks.
func (a Admin) MissingPermissions() []string {
	if slices.Contains(a.Permissions, "*") {
		return nil
	}
	return slices.DeleteFunc(RequiredPermissions(), func(p string) bool { return slices.Contains(a.Permissions, p) })
}

// Admin returns the administrator that the client is logged in as, and logs in if
// need be. The API has no call for that which every administrator may make, but the token,
// a JSON Web Token (RFC 7519), holds it. An API key does not: then ok is false.
func (c *Client) Admin(ctx context.Context) (admin Admin, ok bool, err error) {
	token, err := c.tokens.get(ctx)
	if err != nil || token.isAPIKey {
		return Admin{}, false, err
	}
	if err := readClaims(token.value.Reveal(), &admin); err != nil {
		return Admin{}, false, errkind.Errorf(errkind.Unexpected, "read SFTPGo's token: %w", err)
	}
	return admin, true, nil
}

func readClaims(jwt string, claims any) error {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return fmt.Errorf("it has %d parts instead of 3", len(parts))
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return err
	}
	return json.Unmarshal(payload, claims)
}
