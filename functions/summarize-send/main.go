// Command summarize-send is the Lambda that writes the reports of send-files.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/digipres/sync-users/shared/adapter/awss3"
	"github.com/digipres/sync-users/shared/domain/sendrun"
	"github.com/digipres/sync-users/shared/function"
	"github.com/digipres/sync-users/shared/settings"
)

func main() { function.Start(newHandler) }

func newHandler(_ context.Context, cfg aws.Config, s settings.SummarizeRun) (sendrun.SummarizeFunction, error) {
	return sendrun.SummarizeFunction{
		Store: awss3.NewRuns(cfg, s.RunsBucket), Mails: awss3.NewMailLogs(cfg, s.RunsBucket), RunsBucket: s.RunsBucket, Now: time.Now,
	}, nil
}
