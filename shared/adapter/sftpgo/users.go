package sftpgo

import (
	"bytes"
	"context"
	"net/http"
	"net/url"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// userFields are the fields of a user's record that are read.
type userFields struct {
	Username    string                 `json:"username"`
	Permissions map[string][]string    `json:"permissions"`
	Folders     []record[folderFields] `json:"virtual_folders"`
	Groups      []struct {
		Name string `json:"name"`
	} `json:"groups"`
}

// Account returns the user of that name, or account.ErrNoAccount. A server that
// accepts a name in several forms may answer with another name: then it
// returns Unexpected, because the names of the folders are made of it.
func (c *Client) Account(ctx context.Context, username string) (*account.Account, error) {
	user, err := get[record[userFields]](ctx, c, "users", username)
	switch {
	case isRecordNotFound(err):
		return nil, account.ErrNoAccount
	case err != nil:
		return nil, err
	case user.fields.Username != username:
		return nil, nameMismatch(username, user.fields.Username)
	}
	a := &account.Account{Username: username, Permissions: user.fields.Permissions, Record: user.raw}
	for _, folder := range user.fields.Folders {
		a.Folders = append(a.Folders, toFolder(folder))
	}
	for _, group := range user.fields.Groups {
		a.Groups = append(a.Groups, group.Name)
	}
	return a, nil
}

// EditAccount makes the edit to the account's Record and writes it. The password is left
// out, which the server keeps. If the user no longer exists, EditAccount returns
// account.ErrNoAccount as Unavailable.
//
// If the server doesn't confirm the write, but made it, that is a success: it also
// ends the sessions of a client that has gone
// (https://github.com/drakkan/sftpgo/blob/v2.6.4/internal/httpd/api_user.go).
func (c *Client) EditAccount(ctx context.Context, a *account.Account, edit account.Edit) error {
	body, unedited, err := editedUser(a, edit)
	if err != nil {
		return err
	}
	r := request{method: http.MethodPut, path: []string{"users", a.Username}, body: body}
	if edit.Disconnect {
		r.query = url.Values{"disconnect": {"1"}}
	}
	err = c.write(ctx, r)
	if isRecordNotFound(err) {
		return noLongerExists(account.ErrNoAccount, err)
	}
	if errkind.Of(err) == errkind.Unavailable && !bytes.Equal(body, unedited) {
		if now, readErr := c.Account(ctx, a.Username); readErr == nil {
			if edited, read, readErr := editedUser(now, edit); readErr == nil && bytes.Equal(edited, read) {
				return nil
			}
		}
	}
	return err
}

// editedUser returns a user's record as it would be written with and without the edit.
func editedUser(a *account.Account, edit account.Edit) (edited, unedited []byte, err error) {
	if edited, err = editUser(a.Record, edit); err == nil {
		unedited, err = editUser(a.Record, account.Edit{})
	}
	if err != nil {
		return nil, nil, errkind.Errorf(errkind.Unexpected, "edit the account %s: %w", a.Username, err)
	}
	return edited, unedited, nil
}

func nameMismatch(want, got string) error {
	return errkind.Errorf(errkind.Unexpected, "SFTPGo calls it %q instead of %q; an Email tag must be exactly the account's name", got, want)
}

// noLongerExists returns the error of a write to a record that existed when it was read.
// Its kind is Unavailable, because only reading again can tell what to do now.
func noLongerExists(what, err error) error {
	return errkind.Errorf(errkind.Unavailable, "%w any more: %w", what, err)
}
