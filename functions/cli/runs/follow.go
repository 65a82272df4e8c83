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
	// maxConcurrentStarts is how many executions may start at the same moment.
	maxConcurrentStarts = 20
)

// Follow polls an execution until it ends. Before that, it calls observe at each
// poll; known is false as long as there is no progress.
func (h History) Follow(ctx context.Context, nameOrARN string, observe func(progress run.Progress, known bool)) (run.Execution, error) {
	return retry.Poll(ctx, pollInterval, 0, func() (run.Execution, bool, error) {
		execution, err := h.Executions.Execution(ctx, nameOrARN)
		if err != nil || execution.Ended() {
			return execution, true, err
		}
		progress, known, err := h.Executions.Progress(ctx, execution.ARN)
		observe(progress, known)
		return execution, false, err
	})
}

// ErrNotStarted means that an upload started no execution.
var ErrNotStarted = fmt.Errorf("TRIGGER started no run within %v", startTimeout)

// StartedBy makes an upload and returns the execution that it starts. It returns
// ErrNotStarted if there is none after a minute.
func (h History) StartedBy(ctx context.Context, upload func() error) (run.Execution, error) {
	latest := func() ([]run.Execution, error) {
		executions, err := h.Executions.Latest(ctx, maxConcurrentStarts)
		if err != nil {
			return nil, fmt.Errorf("list the runs: %w", err)
		}
		return executions, nil
	}
	before, err := latest()
	if err != nil {
		return run.Execution{}, err
	}
	if err := upload(); err != nil {
		return run.Execution{}, err
	}
	started, err := retry.Poll(ctx, pollInterval, startTimeout, func() (run.Execution, bool, error) {
		now, err := latest()
		i := slices.IndexFunc(now, func(e run.Execution) bool {
			return !slices.ContainsFunc(before, func(b run.Execution) bool { return b.ARN == e.ARN })
		})
		if err != nil || i < 0 {
			return run.Execution{}, false, err
		}
		return now[i], true, nil
	})
	if errors.Is(err, retry.ErrPending) {
		err = ErrNotStarted
	}
	return started, err
}
