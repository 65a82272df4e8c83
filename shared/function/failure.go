package function

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// longestText is the most that an error's text may take, in bytes. Even with
// every character escaped it is below the 32,768 characters of a cause in Step
// Functions
// (https://docs.aws.amazon.com/step-functions/latest/apireference/API_TaskFailedEventDetails.html).
const longestText = 4 << 10

// failed logs an error and names it for the state machine. Waiting for an
// earlier run is as it should be, so it is logged as no error.
func failed(ctx context.Context, err error) error {
	kind, text := errkind.Of(err), err.Error()
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
		kind, text = errkind.Unavailable, "ran out of time: "+text
	}
	text = bounded(text)
	level := slog.LevelError
	if kind == errkind.RunInProgress {
		level = slog.LevelInfo
	}
	slog.Log(ctx, level, "invocation failed", "kind", kind, "error", text)
	return messages.InvokeResponse_Error{Type: string(kind), Message: text}
}

// panicked logs a panic with its stack and names it for the state machine. The
// process ends, because what it was in the middle of is not known.
func panicked(ctx context.Context, cause any) error {
	text := bounded(fmt.Sprintf("a bug in sync-users: %v; the function's log has the stack", cause))
	slog.ErrorContext(ctx, "invocation panicked", "kind", errkind.Unexpected, "error", text, "stack", string(debug.Stack()))
	return messages.InvokeResponse_Error{Type: string(errkind.Unexpected), Message: text, ShouldExit: true}
}

// bounded cuts a text between characters.
func bounded(text string) string {
	const ellipsis = "…"
	text = strings.ToValidUTF8(text, "�")
	if len(text) <= longestText {
		return text
	}
	end := longestText - len(ellipsis)
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + ellipsis
}
