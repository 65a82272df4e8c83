package awsapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Classify returns the error of an AWS call with its kind: Throttled, Unavailable,
// AccessDenied or Unexpected. The text names the operation. It returns nil for nil.
func Classify(err error) error {
	if err == nil {
		return nil
	}
	return &errkind.Error{Kind: kind(err), Err: &callError{err}}
}

// Is returns whether an error is an API error of AWS with one of these codes.
func Is(err error, codes ...string) bool {
	var apiError smithy.APIError
	return errors.As(err, &apiError) && slices.Contains(codes, apiError.ErrorCode())
}

var (
	throttling = retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}
	transient  = retry.IsErrorRetryables(retry.DefaultRetryables)
)

// deniedCodes are the codes of rejected credentials and permissions that come with
// other statuses than 401 and 403, as in the services with a JSON protocol
// (https://docs.aws.amazon.com/systems-manager/latest/APIReference/CommonErrors.html).
// Parameter Store returns InvalidKeyId for a KMS key that can't be used.
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
	case throttling.IsErrorThrottle(err).Bool(), status == http.StatusTooManyRequests:
		return errkind.Throttled
	case Is(err, deniedCodes...), status == http.StatusUnauthorized, status == http.StatusForbidden:
		return errkind.AccessDenied
	case status >= 500, transient.IsErrorRetryable(err).Bool(), errors.Is(err, io.ErrUnexpectedEOF):
		return errkind.Unavailable
	}
	return errkind.Of(err)
}

// callError shortens the SDK's text of an error to the service and operation, the
// error's code and message, and the request id, which AWS Support asks for.
type callError struct{ err error }

func (e *callError) Unwrap() error { return e.err }

func (e *callError) Error() string {
	var apiError smithy.APIError
	if !errors.As(e.err, &apiError) {
		return e.err.Error()
	}
	text := apiError.ErrorCode()
	if message := apiError.ErrorMessage(); message != "" {
		text += ": " + message
	}
	var operation *smithy.OperationError
	if errors.As(e.err, &operation) {
		text = fmt.Sprintf("%s %s: %s", operation.Service(), operation.Operation(), text)
	}
	var response *awshttp.ResponseError
	if errors.As(e.err, &response) {
		text += fmt.Sprintf(" (HTTP %d, request %s)", response.HTTPStatusCode(), response.ServiceRequestID())
	}
	return text
}
