package account

import (
	"fmt"
	"regexp"

	"github.com/digipres/sync-users/shared/domain/secret"
)

// Keys are the AWS access key of an IAM user.
type Keys struct {
	ID     string
	Secret secret.Text
	// IDVersion and SecretVersion are the versions of the key store's entries, 1 or
	// more; zero if the store has none.
	IDVersion, SecretVersion int64
	// SessionsOpen reports whether the account may have open sessions with other keys.
	SessionsOpen bool
}

const sessionsOpen = "sync-users: sessions with other keys may be open"

// ownDescription matches the descriptions that Description makes.
var ownDescription = regexp.MustCompile(`^sync-users: access key version \d+, secret key version \d+$|^` + sessionsOpen + `$`)

// Description returns the description of a folder with these keys, given the one
// that it has: a text with the versions of the keys, by which a later sync can tell
// whether the stored secret is current without reading it, or that SessionsOpen. The
// text of an administrator stays.
func (k Keys) Description(current string) string {
	switch {
	case current != "" && !ownDescription.MatchString(current):
		return current
	case k.SessionsOpen:
		return sessionsOpen
	case k.IDVersion == 0 || k.SecretVersion == 0:
		return ""
	}
	return fmt.Sprintf("sync-users: access key version %d, secret key version %d", k.IDVersion, k.SecretVersion)
}

// differs returns how the keys of a folder differ from these, or those of open sessions
// may. Of a folder without a description of this program, the access key id alone tells.
func (k Keys) differs(folder Folder) keyChange {
	switch {
	case folder.AccessKeyID != k.ID:
		return keyRotated
	case ownDescription.MatchString(folder.Description) && folder.Description != k.Description(""):
		return keyCorrected
	}
	return ""
}

// keyChange is why a folder's keys are written, in words for a result's reason.
type keyChange string

const (
	// keysRefreshed: the run was asked to write all keys.
	keysRefreshed keyChange = "keys written again"
	// keyCorrected: the key store has another version of the same access key, or an
	// interrupted sync did not end the sessions that have other keys.
	keyCorrected keyChange = "keys changed in Parameter Store"
	keyRotated   keyChange = "access key rotated"
)
