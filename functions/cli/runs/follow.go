package runs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/digipres/sync-users/functions/cli/retry"
	"github.com/digipres/sync-users/shared/domain/run"
)

const (
	// pollInterval stays below the quotas of Step Functions.
	pollInterval = time.Second
	// startTimeout is how long an upload may take to start an execution, which
	// takes a second or two.
	startTimeout = time.Minute
)

// RecentLimit is more runs than there are at the same moment.
const RecentLimit = 20

// Follow polls an execution until it ends. Before that, it calls observe at each
// poll; the progress is zero at first.
func (h History) Follow(ctx context.Context, nameOrARN string, observe func(run.Progress)) (run.Execution, error) {
	return retry.Poll(ctx, pollInterval, 0, func() (run.Execution, bool, error) {
		execution, err := h.Executions.Execution(ctx, nameOrARN)
		if err != nil || execution.Ended() {
			return execution, true, err
		}
		progress, _, err := h.Executions.Progress(ctx, execution.ARN)
		observe(progress)
		return execution, false, err
	})
}

// ErrNotStarted means that an upload started no execution.
var ErrNotStarted = fmt.Errorf("TRIGGER started no run within %v", startTimeout)

// WaitForStart polls until there is an execution that was not among the Recent ones
// before an upload, and returns it. It returns ErrNotStarted after a minute.
func (h History) WaitForStart(ctx context.Context, before []run.Execution) (run.Execution, error) {
	started, err := retry.Poll(ctx, pollInterval, startTimeout, func() (run.Execution, bool, error) {
		latest, err := h.Executions.Latest(ctx, RecentLimit)
		i := slices.IndexFunc(latest, func(e run.Execution) bool {
			return !slices.ContainsFunc(before, func(b run.Execution) bool { return b.ARN == e.ARN })
		})
		if err != nil || i < 0 {
			return run.Execution{}, false, err
		}
		return latest[i], true, nil
	})
	if errors.Is(err, retry.ErrPending) {
		err = ErrNotStarted
	}
	return started, err
}
