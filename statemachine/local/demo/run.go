package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/cenkalti/backoff/v5"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local"
)

// runTimeout is how long a run may take to start and end.
const runTimeout = 2 * time.Minute

// triggerRun uploads TRIGGER, prints the states of the run that it starts, and
// returns the run's report.
func (d demo) triggerRun(ctx context.Context) (run.Report, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, runTimeout, errors.New("the run does not end; `make logs` says where to look"))
	defer cancel()
	before, err := d.latestExecution(ctx)
	if err != nil {
		return run.Report{}, err
	}
	_, err = s3.NewFromConfig(d.cloud.AWS()).PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(local.ManagedBucket), Key: aws.String(run.TriggerKey), Body: strings.NewReader(""),
	})
	if err != nil {
		return run.Report{}, fmt.Errorf("upload TRIGGER: %w", err)
	}
	execution := before
	err = poll(ctx, func() (bool, error) {
		execution, err = d.latestExecution(ctx)
		return execution != before, err
	})
	if err != nil {
		return run.Report{}, err
	}
	if err := d.followExecution(ctx, execution); err != nil {
		return run.Report{}, err
	}
	return d.readReport(ctx, execution[strings.LastIndexByte(execution, ':')+1:])
}

// latestExecution returns the ARN of the latest execution, or "".
func (d demo) latestExecution(ctx context.Context) (string, error) {
	listed, err := sfn.NewFromConfig(d.cloud.AWS()).ListExecutions(ctx, &sfn.ListExecutionsInput{
		StateMachineArn: &d.cloud.Outputs.StateMachineArn, MaxResults: 1,
	})
	if err != nil || len(listed.Executions) == 0 {
		return "", err
	}
	return *listed.Executions[0].ExecutionArn, nil
}

// followExecution prints each state that an execution enters, until it ends.
func (d demo) followExecution(ctx context.Context, arn string) error {
	client := sfn.NewFromConfig(d.cloud.AWS())
	printed := 0
	return poll(ctx, func() (bool, error) {
		execution, err := client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
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
		if execution.Status == types.ExecutionStatusRunning {
			return false, nil
		}
		d.print("  %s in %.1f s\n ", execution.Status, execution.StopDate.Sub(*execution.StartDate).Seconds())
		return true, nil
	})
}

func (d demo) readReport(ctx context.Context, execution string) (report run.Report, err error) {
	got, err := s3.NewFromConfig(d.cloud.AWS()).GetObject(ctx, &s3.GetObjectInput{
		Bucket: &d.cloud.Outputs.RunsBucketName, Key: aws.String(run.ReportKey(execution)),
	})
	if err != nil {
		return run.Report{}, fmt.Errorf("read the report: %w", err)
	}
	defer got.Body.Close()
	if err := json.NewDecoder(got.Body).Decode(&report); err != nil {
		return run.Report{}, fmt.Errorf("read the report: %w", err)
	}
	if len(report.Results) != len(users) {
		return run.Report{}, fmt.Errorf("the report has %d users, not %d", len(report.Results), len(users))
	}
	return report, nil
}

// expectTrigger prints whether TRIGGER is still in the bucket, and returns an
// error if that is not what is expected.
func (d demo) expectTrigger(ctx context.Context, want bool) error {
	_, err := s3.NewFromConfig(d.cloud.AWS()).HeadObject(ctx, &s3.HeadObjectInput{
		Bucket: aws.String(local.ManagedBucket), Key: aws.String(run.TriggerKey),
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
