package sendfile

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"github.com/digipres/sync-users/shared/domain/metrics"
)

// Event is the input of send-file.
type Event struct {
	StateMachine string `json:"stateMachine"`
	Execution    string `json:"execution"`
	DryRun       bool   `json:"dryRun"`
	// Object is what to send: bucket and key, and the version where it is known.
	Object Object `json:"object"`
	// Resend asks for a version to be sent that was sent before.
	Resend bool `json:"resend"`
	// Progress is that of the last invocation's result, if that was not done.
	Progress *Progress `json:"progress"`
	// Check asks only whether the server can be used. There is no Object then.
	Check bool `json:"check"`
	// Retry counts the earlier attempts.
	Retry int `json:"retry"`
	// Index is the object's among the Count objects of the run, of which the workflow sends
	// MaxConnections at once.
	Index          int `json:"index"`
	Count          int `json:"count"`
	MaxConnections int `json:"maxConnections"`
}

// isLast reports whether none of the objects that wait may need this one's connection. An
// event without a Count is the only one.
func (e Event) isLast() bool { return e.Check || e.Index+e.MaxConnections >= e.Count }

// LogAttrs returns the attributes of every log line.
func (e Event) LogAttrs() []slog.Attr {
	attrs := []slog.Attr{slog.String("execution", e.Execution)}
	if e.Object.Key != "" {
		attrs = append(attrs, slog.String("bucket", e.Object.Bucket), slog.String("key", e.Object.Key))
	}
	return attrs
}

// Function is the Lambda function send-file, which sends one object of a run, or as much
// of it as its time allows.
type Function struct {
	Sender Sender
}

// Close ends the connection.
func (f Function) Close() { f.Sender.Server.Close() }

// Handle sends the object, and logs the result with metrics. Its errors are those of
// Sender.Send. For a Check, it returns the error of a server that can't be used.
//
// The connection stays for the next object of the run. After the last ones it is closed,
// because it would go on to count against what the server permits.
func (f Function) Handle(ctx context.Context, event Event) (Result, error) {
	if event.isLast() {
		defer f.Sender.Server.Close()
	}
	if event.Check {
		return Result{Done: true}, f.Sender.Server.Connect(ctx)
	}
	begun := time.Now()
	result, err := f.Sender.Send(ctx, event)
	counts := map[string]float64{"Retries": float64(min(event.Retry, 1))}
	if err != nil {
		metrics.Log(ctx, "object not sent", event.StateMachine, counts)
		return Result{}, err
	}
	result.Seconds = time.Since(begun).Seconds()
	counts["BytesSent"] = float64(result.BytesSent)
	if result.Outcome == Sent && !event.DryRun {
		counts["FilesSent"], counts["SendSeconds"] = 1, result.Seconds
	}
	metrics.Log(ctx, "object handled", event.StateMachine, counts,
		"done", strconv.FormatBool(result.Done), "outcome", result.Outcome, "reason", result.Reason, "path", result.Path,
		"size", result.Size, "seconds", result.Seconds, "sha256", result.SHA256, "dryRun", strconv.FormatBool(event.DryRun))
	return result, nil
}
