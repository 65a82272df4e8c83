package sftp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"

	pkgsftp "github.com/pkg/sftp"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Status codes of later versions of the protocol, which some servers answer
// (https://datatracker.ietf.org/doc/html/draft-ietf-secsh-filexfer-13#section-9.1).
const (
	statusFailure       = 4
	statusUnsupported   = 8
	statusNoSuchPath    = 10
	statusWriteProtect  = 12
	statusNoSpace       = 14
	statusQuotaExceeded = 15
)

// full matches what servers say when they have no space, where they have only the general
// status for it.
var full = regexp.MustCompile(`(?i)quota|space|disk full|storage limit|size limit`)

// classify returns the error of a request with its kind. What says what the request was for.
func (s *session) classify(ctx context.Context, what, path string, err error) error {
	if err == nil {
		return nil
	}
	text := fmt.Sprintf("%s %s", what, path)
	var status *pkgsftp.StatusError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errkind.Errorf(errkind.Unavailable, "%s: %w", text, fs.ErrNotExist)
	case errors.Is(err, fs.ErrPermission):
		return permissionDenied(text, err)
	case errors.As(err, &status):
		switch status.Code {
		case statusNoSuchPath:
			return errkind.Errorf(errkind.Unavailable, "%s: %w: %w", text, fs.ErrNotExist, err)
		case statusWriteProtect:
			return permissionDenied(text, err)
		case statusUnsupported:
			return errkind.Errorf(errkind.PermissionDenied, "%s: the server does not support it: %w", text, errors.Join(errors.ErrUnsupported, err))
		case statusNoSpace, statusQuotaExceeded:
			return diskFull(text, err)
		}
		if full.MatchString(status.Error()) {
			return diskFull(text, err)
		}
		return errkind.Errorf(errkind.Unavailable, "%s: the server answers %w", text, err)
	}
	if cause := cmp.Or(ctx.Err(), s.closeCause()); cause != nil {
		return errkind.Errorf(errkind.Unavailable, "%s: the connection was closed: %w", text, cause)
	}
	s.close(err)
	return errkind.Errorf(errkind.Unavailable, "%s: the connection is lost: %w", text, err)
}

func permissionDenied(text string, err error) error {
	return errkind.Errorf(errkind.PermissionDenied, "%s: the server does not permit it; ask the partner to let the account do that: %w", text, err)
}

func diskFull(text string, err error) error {
	return errkind.Errorf(errkind.DiskFull, "%s: the server has no space left, or the account's quota is exhausted; ask the partner to make room: %w", text, err)
}
