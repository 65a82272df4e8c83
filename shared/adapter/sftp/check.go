package sftp

import (
	"context"

	"github.com/digipres/sync-users/shared/settings"
)

// CheckHostKeys returns Misconfigured if SSH_HOST_KEYS can't be used, HostKeyChanged if it has
// none of the keys that a server offers, and otherwise those that it has.
func CheckHostKeys(s settings.SFTP, offered []HostKey) (trusted []HostKey, err error) {
	keys, err := parseHostKeys(s.HostKeys)
	if err != nil {
		return nil, err
	}
	for _, key := range offered {
		if keys.check("", nil, key.key) == nil {
			trusted = append(trusted, key)
		}
	}
	if len(trusted) == 0 {
		return nil, changedHostKey(offered...)
	}
	return trusted, nil
}

// CountEntries returns how many files and directories a directory has, which shows that it can
// be listed. The error is fs.ErrNotExist if it is not there. Connect comes first.
func (c *Client) CountEntries(ctx context.Context, directory string) (int, error) {
	s, err := c.current()
	if err != nil {
		return 0, err
	}
	defer s.begin(ctx)()
	entries, err := s.sftp.ReadDirContext(ctx, directory)
	if err != nil {
		return 0, s.classify(ctx, "list", directory, err)
	}
	return len(entries), nil
}
