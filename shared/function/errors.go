package function

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// maxErrorText is the longest text of an error, in bytes. Even with every character
// escaped it is below the 32,768 characters of a cause in Step Functions
// (https://docs.aws.amazon.com/step-functions/latest/apireference/API_TaskFailedEventDetails.html).
const maxErrorText = 4 << 10

// logError logs an error, and returns it with its kind as the name that the state
// machine matches. RunInProgress and Superseded are logged as information, because
// waiting for an earlier run, and giving way to a newer one, is normal.
func logError(ctx context.Context, err error) error {
	kind, text := errkind.Of(err), err.Error()
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
		kind, text = errkind.Unavailable, "ran out of time: "+text
	}
	text = truncate(text)
	level := slog.LevelError
	if kind == errkind.RunInProgress || kind == errkind.Superseded {
		level = slog.LevelInfo
	}
	slog.Log(ctx, level, "invocation failed", "kind", kind, "error", text)
	return messages.InvokeResponse_Error{Type: string(kind), Message: text}
}

// logPanic logs a panic with its stack trace, and returns it as Unexpected. The process
// exits, because its state is unknown.
func logPanic(ctx context.Context, cause any) error {
	text := truncate(fmt.Sprintf("a bug in sync-users: %v; the function's log has the stack trace", cause))
	slog.ErrorContext(ctx, "invocation panicked", "kind", errkind.Unexpected, "error", text, "stack", string(debug.Stack()))
	return messages.InvokeResponse_Error{Type: string(errkind.Unexpected), Message: text, ShouldExit: true}
}

// truncate returns at most maxErrorText bytes of a text, without half characters.
func truncate(text string) string {
	const ellipsis = "…"
	text = strings.ToValidUTF8(text, "�")
	if len(text) <= maxErrorText {
		return text
	}
	return strings.ToValidUTF8(text[:maxErrorText-len(ellipsis)], "") + ellipsis
}
