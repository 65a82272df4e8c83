package awsapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Classify gives the error of an AWS call the kind of its remedy: Throttled,
// Unavailable, AccessDenied or Unexpected. The text names the action. Without
// an error it gives none.
func Classify(err error) error {
	if err == nil {
		return nil
	}
	return &errkind.Error{Kind: kind(err), Err: &callError{err}}
}

// Is tells whether an error is an answer of AWS with one of these codes.
func Is(err error, codes ...string) bool {
	var answer smithy.APIError
	return errors.As(err, &answer) && slices.Contains(codes, answer.ErrorCode())
}

var (
	throttled = retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}
	transient = retry.IsErrorRetryables(retry.DefaultRetryables)
)

// deniedCodes are the codes of refused credentials and permissions that come with
// other statuses than 401 and 403, as in the services that speak JSON
// (https://docs.aws.amazon.com/systems-manager/latest/APIReference/CommonErrors.html).
// InvalidKeyId is how Parameter Store reports a KMS key that can't be used.
var deniedCodes = []string{
	"AccessDenied", "AccessDeniedException", "NotAuthorized", "OptInRequired", "UnauthorizedOperation",
	"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException",
	"IncompleteSignature", "InvalidSignatureException", "MissingAuthenticationToken", "InvalidKeyId",
}

func kind(err error) errkind.Kind {
	status := 0
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		status = response.HTTPStatusCode()
	}
	switch {
	case throttled.IsErrorThrottle(err).Bool(), status == http.StatusTooManyRequests:
		return errkind.Throttled
	case Is(err, deniedCodes...), status == http.StatusUnauthorized, status == http.StatusForbidden:
		return errkind.AccessDenied
	case status >= 500, transient.IsErrorRetryable(err).Bool(), errors.Is(err, io.ErrUnexpectedEOF):
		return errkind.Unavailable
	}
	return errkind.Of(err)
}

// callError writes the error of a call for people: what was asked of whom, the
// answer, and the id by which AWS's support finds the request.
type callError struct{ err error }

func (e *callError) Unwrap() error { return e.err }

func (e *callError) Error() string {
	var answer smithy.APIError
	if !errors.As(e.err, &answer) {
		return e.err.Error()
	}
	var text strings.Builder
	var operation *smithy.OperationError
	if errors.As(e.err, &operation) {
		fmt.Fprintf(&text, "%s %s: ", operation.Service(), operation.Operation())
	}
	text.WriteString(answer.ErrorCode())
	if message := answer.ErrorMessage(); message != "" {
		text.WriteString(": " + message)
	}
	var response *awshttp.ResponseError
	if errors.As(e.err, &response) {
		fmt.Fprintf(&text, " (HTTP %d, request %s)", response.HTTPStatusCode(), response.ServiceRequestID())
	}
	return text.String()
}
