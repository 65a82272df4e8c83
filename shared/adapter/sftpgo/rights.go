package sftpgo

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"

	"github.com/digipres/sync-users/shared/domain/account"
)

// RequiredPermissions are the permissions that an administrator needs for all that this
// package does.
func RequiredPermissions() []string { return slices.Clone(requiredPermissions) }

// CheckPermission tells whether the administrator has one of the needed permissions: it is
// AccessDenied if not. It asks for what is not there, because the server looks
// at the permission before it looks for the record, so nothing is read and
// nothing changes. It works with an API key too, of which Admin can't tell.
func (c *Client) CheckPermission(ctx context.Context, permission string) error {
	nobody := "sync-users-check-" + rand.Text()
	var err error
	switch permission {
	case "view_users":
		_, err = c.Account(ctx, nobody)
	case "edit_users":
		_, err = c.do(ctx, request{method: http.MethodPut, path: []string{"users", nobody}, body: []byte("{}")})
	case "manage_folders":
		_, err = c.Folder(ctx, nobody)
	}
	if errors.Is(err, account.ErrNoAccount) || errors.Is(err, account.ErrNoFolder) || isNoRecord(err) {
		return nil
	}
	return err
}
