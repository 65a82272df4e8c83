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

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local"
)

// patience is how long a run may take to start, and to end.
const patience = 2 * time.Minute

// trigger uploads TRIGGER, tells how the run that it starts goes on, and reads
// the report.
func (s show) trigger(ctx context.Context) (run.Report, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errors.New("the run does not end; `make logs` says where to look"))
	defer cancel()
	before, err := s.latest(ctx)
	if err != nil {
		return run.Report{}, err
	}
	_, err = s3.NewFromConfig(s.cloud.AWS()).PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(local.ManagedBucket), Key: aws.String(run.TriggerKey), Body: strings.NewReader(""),
	})
	if err != nil {
		return run.Report{}, fmt.Errorf("upload TRIGGER: %w", err)
	}
	arn := before
	err = poll(ctx, func() (bool, error) {
		arn, err = s.latest(ctx)
		return arn != before, err
	})
	if err != nil {
		return run.Report{}, err
	}
	if err := s.follow(ctx, arn); err != nil {
		return run.Report{}, err
	}
	return s.report(ctx, arn[strings.LastIndexByte(arn, ':')+1:])
}

// latest is the ARN of the newest execution; empty when there was none.
func (s show) latest(ctx context.Context) (string, error) {
	listed, err := sfn.NewFromConfig(s.cloud.AWS()).ListExecutions(ctx, &sfn.ListExecutionsInput{StateMachineArn: &s.cloud.Outputs.StateMachineArn})
	if err != nil {
		return "", err
	}
	var newest types.ExecutionListItem
	for _, e := range listed.Executions {
		if newest.StartDate == nil || e.StartDate.After(*newest.StartDate) {
			newest = e
		}
	}
	return aws.ToString(newest.ExecutionArn), nil
}

// follow tells each state that an execution enters, until it ends.
func (s show) follow(ctx context.Context, arn string) error {
	client := sfn.NewFromConfig(s.cloud.AWS())
	told := 0
	return poll(ctx, func() (bool, error) {
		got, err := client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
		if err != nil {
			return false, err
		}
		history, err := client.GetExecutionHistory(ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: &arn})
		if err != nil {
			return false, err
		}
		for _, event := range history.Events[told:] {
			if entered := event.StateEnteredEventDetails; entered != nil {
				s.say("▸ %s", *entered.Name)
			}
		}
		told = len(history.Events)
		if got.Status == types.ExecutionStatusRunning {
			return false, nil
		}
		s.say("  %s in %.1f s\n ", got.Status, got.StopDate.Sub(*got.StartDate).Seconds())
		return true, nil
	})
}

func (s show) report(ctx context.Context, execution string) (run.Report, error) {
	got, err := s3.NewFromConfig(s.cloud.AWS()).GetObject(ctx, &s3.GetObjectInput{
		Bucket: &s.cloud.Outputs.RunsBucketName, Key: aws.String(run.ReportKey(execution)),
	})
	if err != nil {
		return run.Report{}, fmt.Errorf("read the report: %w", err)
	}
	defer got.Body.Close()
	var report run.Report
	if err := json.NewDecoder(got.Body).Decode(&report); err != nil {
		return run.Report{}, fmt.Errorf("read the report: %w", err)
	}
	if len(report.Results) != len(cast) {
		return run.Report{}, fmt.Errorf("the report is about %d people, not %d", len(report.Results), len(cast))
	}
	return report, nil
}

// triggerIs tells whether TRIGGER is still there, and insists on the answer.
func (s show) triggerIs(ctx context.Context, want bool) error {
	_, err := s3.NewFromConfig(s.cloud.AWS()).HeadObject(ctx, &s3.HeadObjectInput{
		Bucket: aws.String(local.ManagedBucket), Key: aws.String(run.TriggerKey),
	})
	var gone *s3types.NotFound
	if err != nil && !errors.As(err, &gone) {
		return err
	}
	there := err == nil
	if there != want {
		return fmt.Errorf("TRIGGER in the bucket: %v, not %v", there, want)
	}
	if there {
		s.say("\nTRIGGER is still in the bucket.")
	} else {
		s.say("\nNobody failed: TRIGGER is deleted.")
	}
	return nil
}

// poll asks until it is done.
func poll(ctx context.Context, done func() (bool, error)) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}
