package syncuser

import (
	"errors"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// ServerError marks an error as returned by the SFTP server.
type ServerError struct{ Err error }

func (e ServerError) Error() string { return e.Err.Error() }

// Unwrap returns the server's error.
func (e ServerError) Unwrap() error { return e.Err }

// countServerErrors returns 1 for an error of the server, and 0 for any other. A
// Conflict is not the server's.
func countServerErrors(err error) float64 {
	var server ServerError
	if errors.As(err, &server) && errkind.Of(err) != errkind.Conflict {
		return 1
	}
	return 0
}
