package sftpgo

import (
	"context"
	"net/http"
	"net/url"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// userFields are what is looked at in a user's record.
type userFields struct {
	Username    string                   `json:"username"`
	Permissions map[string][]string      `json:"permissions"`
	Folders     []document[folderFields] `json:"virtual_folders"`
	Groups      []struct {
		Name string `json:"name"`
	} `json:"groups"`
}

// Account gives the user of that name, or account.ErrNoAccount. A server that
// takes names in more than one form may answer with another name: that is
// Unexpected, for the folders' names are made of it.
func (c *Client) Account(ctx context.Context, username string) (*account.Account, error) {
	user, err := body[document[userFields]](ctx, c, request{method: http.MethodGet, path: []string{"users", username}})
	switch {
	case isNoRecord(err):
		return nil, account.ErrNoAccount
	case err != nil:
		return nil, err
	case user.fields.Username != username:
		return nil, otherName(username, user.fields.Username)
	}
	got := &account.Account{Username: username, Permissions: user.fields.Permissions, Record: user.record}
	for _, folder := range user.fields.Folders {
		got.Folders = append(got.Folders, asFolder(folder))
	}
	for _, group := range user.fields.Groups {
		got.Groups = append(got.Groups, group.Name)
	}
	return got, nil
}

// EditAccount writes the account's record with the edit made to it. The
// password is not in it, which leaves it as it is. A user who is gone by now
// is account.ErrNoAccount, and Unavailable.
func (c *Client) EditAccount(ctx context.Context, a *account.Account, edit account.Edit) error {
	record, err := edited(a.Record, edit)
	if err != nil {
		return errkind.Errorf(errkind.Unexpected, "edit the account %s: %w", a.Username, err)
	}
	r := request{method: http.MethodPut, path: []string{"users", a.Username}, body: record}
	if edit.Disconnect {
		r.query = url.Values{"disconnect": {"1"}}
	}
	_, err = c.do(ctx, r)
	if isNoRecord(err) {
		return gone(account.ErrNoAccount, err)
	}
	return err
}

func otherName(asked, got string) error {
	return errkind.Errorf(errkind.Unexpected, "SFTPGo calls it %q instead of %q; an Email tag must be the account's name to the letter", got, asked)
}

// gone is the error of a write to a record that was there when it was read.
// Only a new reading can tell what is to be done now, so it is Unavailable.
func gone(what, err error) error {
	return errkind.Errorf(errkind.Unavailable, "%w any more: %w", what, err)
}
