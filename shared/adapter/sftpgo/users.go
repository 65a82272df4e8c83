package sftpgo

import (
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

// EditAccount writes the account's record with the edit made to it, and without the
// password, which the server keeps. If the user no longer exists, it returns
// account.ErrNoAccount as Unavailable.
func (c *Client) EditAccount(ctx context.Context, a *account.Account, edit account.Edit) error {
	body, err := editUser(a.Record, edit)
	if err != nil {
		return errkind.Errorf(errkind.Unexpected, "edit the account %s: %w", a.Username, err)
	}
	r := request{method: http.MethodPut, path: []string{"users", a.Username}, body: body}
	if edit.Disconnect {
		r.query = url.Values{"disconnect": {"1"}}
	}
	_, err = c.do(ctx, r)
	if isRecordNotFound(err) {
		return noLongerExists(account.ErrNoAccount, err)
	}
	return err
}

func nameMismatch(want, got string) error {
	return errkind.Errorf(errkind.Unexpected, "SFTPGo calls it %q instead of %q; an Email tag must be exactly the account's name", got, want)
}

// noLongerExists returns the error of a write to a record that existed when it was read.
// Its kind is Unavailable, because only reading again can tell what to do now.
func noLongerExists(what, err error) error {
	return errkind.Errorf(errkind.Unavailable, "%w any more: %w", what, err)
}
