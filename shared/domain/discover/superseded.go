package discover

import (
	"context"
	"log/slog"
	"reflect"
	"slices"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

// superseded returns Superseded if a run for all users that has to wait need not: a run
// that started later, with an equal request, waits too or has begun, and reads memberships
// at least as fresh. So behind a long run only one of each kind waits, however many
// were started, and one that TRIGGER started gives way only to one that deletes TRIGGER.
//
// It returns nil if that can't be found out, because waiting is right as well.
func (f Function) superseded(ctx context.Context, event Event, request run.Request) error {
	if request.Username != "" || request.DryRun {
		return nil
	}
	newer, err := f.findNewer(ctx, event.ExecutionARN, request)
	if err != nil {
		slog.WarnContext(ctx, "newer runs could not be looked up", "error", err)
	}
	if newer == "" {
		return nil
	}
	return errkind.Errorf(errkind.Superseded, "a newer run does the same: %s", newer)
}

// findNewer returns the name of a running execution with an equal request that started
// later than this one; "" if there is none. Both times are those of the list, so that of
// two executions only one is the newer.
func (f Function) findNewer(ctx context.Context, arn string, request run.Request) (string, error) {
	running, err := f.Executions.Running(ctx, arn)
	if err != nil {
		return "", err
	}
	own := slices.IndexFunc(running, func(e run.Execution) bool { return e.ARN == arn })
	if own < 0 {
		return "", nil
	}
	for _, e := range running {
		if !e.StartedAt.After(running[own].StartedAt) {
			continue
		}
		e, found, err := f.Executions.Lookup(ctx, e.ARN)
		if err != nil {
			return "", err
		}
		if !found || e.Ended() {
			continue
		}
		if other, err := run.ParseRequest([]byte(e.Input), f.ManagedBucket); err == nil && reflect.DeepEqual(other, request) {
			return e.Name, nil
		}
	}
	return "", nil
}
