package runs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/digipres/sync-users/functions/cli/retry"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

const (
	// pollInterval stays below the quotas of Step Functions.
	pollInterval = time.Second
	// startTimeout is how long an upload is waited for to start an execution. It takes
	// a second or two, but events of S3 sometimes take a minute or longer
	// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html).
	startTimeout = 3 * time.Minute
	// unknownPeriod is how long Step Functions may not know an execution that has just
	// started, because DescribeExecution is eventually consistent
	// (https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html).
	unknownPeriod = 30 * time.Second
)

// RecentLimit is more runs than there are at the same moment.
const RecentLimit = 20

// Follow polls an execution that has just started until it ends. Before that, it calls
// observe at each poll; the progress is zero at first.
func Follow(ctx context.Context, executions Executions, nameOrARN string, observe func(run.Progress)) (run.Execution, error) {
	start := time.Now()
	return retry.Poll(ctx, pollInterval, 0, func() (run.Execution, bool, error) {
		execution, err := executions.Execution(ctx, nameOrARN)
		if errkind.Of(err) == errkind.InvalidInput && time.Since(start) < unknownPeriod {
			return execution, false, nil
		}
		if err != nil || execution.Ended() {
			return execution, true, err
		}
		progress, _, err := executions.Progress(ctx, execution.ARN)
		observe(progress)
		return execution, false, err
	})
}

// ErrNotStarted means that no execution has started since an upload, which one may
// still do.
var ErrNotStarted = fmt.Errorf("no run has started in the %v since the upload", startTimeout)

// WaitForStart polls until there is an execution that was not among the Recent ones
// before an upload, and returns it. It returns ErrNotStarted after three minutes.
func (h History) WaitForStart(ctx context.Context, before []run.Execution) (run.Execution, error) {
	started, err := retry.Poll(ctx, pollInterval, startTimeout, func() (run.Execution, bool, error) {
		latest, err := h.Executions.Latest(ctx, RecentLimit, nil)
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
