package fetchrun

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/digipres/sync-users/shared/domain/run"
)

// Event is an event of Transfer Family about what a connector did. A listing, a move and a
// deletion are told by events alone. Events may come twice and out of order; each id has
// one last state, so that it does no harm.
// https://docs.aws.amazon.com/transfer/latest/userguide/event-detail-sftp-connector-events.html
type Event struct {
	Status         string `json:"status-code"`
	FailureCode    string `json:"failure-code,omitempty"`
	FailureMessage string `json:"failure-message,omitempty"`
}

// Failed reports whether the event is about a failure.
func (e Event) Failed() bool { return e.Status == "FAILED" }

func (e Event) reason() string {
	return strings.Join(strings.Fields(strings.Trim(e.FailureCode+": "+e.FailureMessage, ": ")), " ")
}

// EventKey returns the key of the event about an id in the runs bucket.
func EventKey(id string) string { return "events/" + id + ".json" }

// RuleEvent is the input of record-event: an event as EventBridge hands it on.
type RuleEvent struct {
	DetailType string `json:"detail-type"`
	Detail     struct {
		Event
		ListingID string `json:"listing-id"`
		MoveID    string `json:"move-id"`
		DeleteID  string `json:"delete-id"`
	} `json:"detail"`
}

// LogAttrs returns the attributes of every log line.
func (e RuleEvent) LogAttrs() []slog.Attr {
	return []slog.Attr{slog.String("event", e.DetailType), slog.String("id", e.id())}
}

func (e RuleEvent) id() string { return cmp.Or(e.Detail.ListingID, e.Detail.MoveID, e.Detail.DeleteID) }

// EventFunction is the Lambda function record-event, which writes events where runs look
// for them.
type EventFunction struct {
	Store run.Writer
}

// Handle writes an event, unless it is about something else, such as a file that was
// transferred: what became of that is asked for.
func (f EventFunction) Handle(ctx context.Context, event RuleEvent) (struct{}, error) {
	id := event.id()
	if id == "" || strings.Contains(id, "/") {
		slog.WarnContext(ctx, "the event has no id of a listing, a move or a deletion")
		return struct{}{}, nil
	}
	told := event.Detail.Event
	if told.Status == "" && strings.HasSuffix(event.DetailType, " Failed") {
		told.Status = "FAILED"
	}
	if _, err := f.Store.Save(ctx, EventKey(id), told); err != nil {
		return struct{}{}, fmt.Errorf("record the event: %w", err)
	}
	return struct{}{}, nil
}
