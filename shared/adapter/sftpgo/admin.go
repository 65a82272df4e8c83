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

// Admin is who the client is to the server.
type Admin struct {
	Username    string   `json:"username"`
	Permissions []string `json:"permissions"`
	// Role, if there is one, keeps the administrator from seeing the accounts
	// of any other role: they are as if they did not exist.
	Role string `json:"role"`
}

// MissingPermissions gives the permissions that a sync needs and the administrator does not
// have.
func (a Admin) MissingPermissions() []string {
	if slices.Contains(a.Permissions, "*") {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(requiredPermissions), func(p string) bool { return slices.Contains(a.Permissions, p) })
}

// Admin logs in, if need be, and tells as whom. There is no call for that
// which any administrator may make, but the token says it (a JSON Web Token,
// RFC 7519). An API key says nothing: then ok is false.
func (c *Client) Admin(ctx context.Context) (admin Admin, ok bool, err error) {
	pass, err := c.enter(ctx, pass{})
	if err != nil || pass.isKey {
		return Admin{}, false, err
	}
	if err := readClaims(pass.value, &admin); err != nil {
		return Admin{}, false, errkind.Errorf(errkind.Unexpected, "read SFTPGo's token: %w", err)
	}
	return admin, true, nil
}

func readClaims(token string, claims any) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return fmt.Errorf("it has %d parts instead of 3", len(parts))
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return err
	}
	return json.Unmarshal(payload, claims)
}
