package run

import (
	"strings"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// FailedResult is the result of a user whose sync ended with an error.
func FailedResult(user User, err error) Result {
	return Result{
		Username: user.Username,
		Email:    user.Email,
		Outcome:  Failed,
		Reason:   strings.ReplaceAll(err.Error(), "\n", "; "),
		Error:    string(errkind.Of(err)),
	}
}
