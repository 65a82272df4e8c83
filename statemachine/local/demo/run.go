package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/cenkalti/backoff/v5"

	"github.com/digipres/sync-users/shared/adapter/awss3"
	"github.com/digipres/sync-users/shared/adapter/awssfn"
	"github.com/digipres/sync-users/shared/domain/run"
)

// runTimeout is how long a run may take to start and end.
const runTimeout = 2 * time.Minute

// triggerRun uploads TRIGGER, prints the states of the run that it starts, and
// returns the run's report.
func (d demo) triggerRun(ctx context.Context) (report run.Report, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, runTimeout, errors.New("the run does not end; `make logs` says where to look"))
	defer cancel()
	workflow := awssfn.NewWorkflow(d.cloud.AWS(), d.cloud.Outputs.StateMachineArn)
	before, err := workflow.Latest(ctx, 1, nil)
	if err != nil {
		return report, err
	}
	if _, err := awss3.NewTrigger(d.cloud.AWS(), d.managedBucket()).Upload(ctx); err != nil {
		return report, err
	}
	var latest []run.Execution
	err = poll(ctx, func() (done bool, err error) {
		latest, err = workflow.Latest(ctx, 1, nil)
		return len(latest) > 0 && (len(before) == 0 || latest[0].ARN != before[0].ARN), err
	})
	if err != nil {
		return report, err
	}
	if err := d.followExecution(ctx, workflow, latest[0].ARN); err != nil {
		return report, err
	}
	records := awss3.NewRuns(d.cloud.AWS(), d.cloud.Outputs.RunsBucketName)
	key := run.ReportKey(latest[0].Name)
	err = records.Load(ctx, run.Object{Bucket: d.cloud.Outputs.RunsBucketName, Key: key}, &report)
	return report, err
}

// followExecution prints each state that an execution enters, until it ends.
func (d demo) followExecution(ctx context.Context, workflow awssfn.Workflow, arn string) error {
	client := sfn.NewFromConfig(d.cloud.AWS())
	printed := 0
	return poll(ctx, func() (done bool, err error) {
		execution, err := workflow.Execution(ctx, arn)
		if err != nil {
			return false, err
		}
		history, err := client.GetExecutionHistory(ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: &arn})
		if err != nil {
			return false, err
		}
		for _, event := range history.Events[printed:] {
			if entered := event.StateEnteredEventDetails; entered != nil {
				d.print("▸ %s", *entered.Name)
			}
		}
		printed = len(history.Events)
		if execution.Ended() {
			d.print("  %s in %.1f s\n ", strings.ToUpper(string(execution.Status)), execution.EndedAt.Sub(execution.StartedAt).Seconds())
		}
		return execution.Ended(), nil
	})
}

// expectTrigger prints whether TRIGGER is still in the bucket, and returns an
// error if that is not what is expected.
func (d demo) expectTrigger(ctx context.Context, want bool) error {
	_, err := s3.NewFromConfig(d.cloud.AWS()).HeadObject(ctx, &s3.HeadObjectInput{
		Bucket: aws.String(d.managedBucket()), Key: aws.String(run.TriggerKey),
	})
	if err != nil && !errors.As(err, new(*s3types.NotFound)) {
		return err
	}
	exists := err == nil
	if exists != want {
		return fmt.Errorf("TRIGGER in the bucket: %v, not %v", exists, want)
	}
	if exists {
		d.print("\nTRIGGER is still in the bucket.")
	} else {
		d.print("\nNo user failed: TRIGGER is deleted.")
	}
	return nil
}

// poll calls done until it returns true or an error.
func poll(ctx context.Context, done func() (bool, error)) error {
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		ok, err := done()
		if err == nil && !ok {
			return struct{}{}, errors.New("not yet")
		}
		return struct{}{}, backoff.Permanent(err)
	}, backoff.WithBackOff(backoff.NewConstantBackOff(100*time.Millisecond)))
	return err
}
