// Command summarize-fetch is the Lambda that writes the report of a run of fetch-files.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/digipres/sync-users/shared/adapter/awss3"
	"github.com/digipres/sync-users/shared/domain/fetchrun"
	"github.com/digipres/sync-users/shared/function"
	"github.com/digipres/sync-users/shared/settings"
)

func main() { function.Start(newHandler) }

func newHandler(_ context.Context, cfg aws.Config, s settings.SummarizeRun) (fetchrun.SummarizeFunction, error) {
	return fetchrun.SummarizeFunction{
		Store: awss3.NewRuns(cfg, s.RunsBucket), Mails: awss3.NewMailLogs(cfg, s.RunsBucket), RunsBucket: s.RunsBucket, Now: time.Now,
	}, nil
}
