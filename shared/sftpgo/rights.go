package sftpgo

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"

	"github.com/digipres/sync-users/shared/account"
)

// Needs are the permissions that an administrator needs for all that this
// package does.
func Needs() []string { return []string{"view_users", "edit_users", "manage_folders"} }

// Holds tries whether the administrator holds one of the permissions of Needs;
// the error of one who does not is AccessDenied. It asks for what is not there,
// because the server looks at the permission before it looks for the record:
// nothing is read and nothing changes.
func (c *Client) Holds(ctx context.Context, permission string) error {
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
	var answer *Error
	if errors.Is(err, account.ErrNoAccount) || errors.Is(err, account.ErrNoFolder) || errors.As(err, &answer) && answer.noRecord() {
		return nil
	}
	return err
}
