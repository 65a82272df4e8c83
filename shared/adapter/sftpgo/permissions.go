package sftpgo

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"

	"github.com/digipres/sync-users/shared/domain/account"
)

// RequiredPermissions are the permissions that an administrator needs for all that
// this package does.
var RequiredPermissions = []string{"view_users", "edit_users", "manage_folders"}

// CheckPermission returns AccessDenied if the administrator lacks one of the required
// permissions. It asks for a record that does not exist, so nothing is read and nothing
// changes: the server checks the permission before it looks for the record.
func (c *Client) CheckPermission(ctx context.Context, permission string) error {
	missing := "sync-users-check-" + rand.Text()
	var err error
	switch permission {
	case "view_users":
		_, err = c.Account(ctx, missing)
	case "edit_users":
		_, err = c.do(ctx, request{method: http.MethodPut, path: []string{"users", missing}, body: []byte("{}")})
	case "manage_folders":
		_, err = c.Folder(ctx, missing)
	}
	if errors.Is(err, account.ErrNoAccount) || errors.Is(err, account.ErrNoFolder) || isRecordNotFound(err) {
		return nil
	}
	return err
}
