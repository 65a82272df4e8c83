package sendrun

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

// Planner tells of each object what a run would do with it. Nothing is changed.
type Planner struct {
	Sender sendfile.Sender
}

// NewPlanner returns a Planner with a dry-run copy of the sender. Unless it may look at the
// server, it takes no file to be there already, and does not log in.
func NewPlanner(sender sendfile.Sender, look bool) Planner {
	if !look {
		blind := unseen{sender.Server}
		sender.Server, sender.Files = blind, blind
	}
	return Planner{sender}
}

// Plan returns what a run would do with an object. What it would fail with is a result too, but
// for errors that pass with time, which Plan returns.
func (p Planner) Plan(ctx context.Context, object Selected, resend bool) (sendfile.Result, error) {
	switch {
	case object.SentBefore:
		return sendfile.Result{Object: object.Object, Done: true, Outcome: sendfile.Unchanged, Reason: "it was sent before"}, nil
	case object.SkipReason != "":
		return sendfile.Result{Object: object.Object, Done: true, Outcome: sendfile.Skipped, Reason: object.SkipReason}, nil
	}
	result, err := p.Sender.Send(ctx, sendfile.Event{DryRun: true, Object: object.Object, Resend: resend})
	switch kind := errkind.Of(err); {
	case err == nil:
		return result, nil
	case ctx.Err() != nil, kind.Retried(), errkind.Of(err) == errkind.AccessDenied:
		return sendfile.Result{}, err
	default:
		return failed(object.Object, string(kind), err.Error()), nil
	}
}

// CountTotals returns the totals of results.
func CountTotals(results []sendfile.Result) (totals Totals) {
	for _, result := range results {
		totals.count(result)
	}
	return totals
}

// unseen is a server that nobody logs in to: as if there were no file.
type unseen struct{ sendfile.Server }

func (unseen) Connect(context.Context) error { return nil }

func (unseen) Stat(_ context.Context, path string) (sendfile.Info, error) {
	return sendfile.Info{}, fmt.Errorf("%s: %w", path, fs.ErrNotExist)
}

func (unseen) Remove(context.Context, string) error { return errNotLoggedIn }

func (unseen) MakeDirectories(context.Context, string) error { return errNotLoggedIn }

var errNotLoggedIn = errkind.Errorf(errkind.Unexpected, "a plan changes nothing on the server")
