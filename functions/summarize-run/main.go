// Command summarize-run is the Lambda that writes the report of a run.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/digipres/sync-users/shared/adapter/awss3"
	"github.com/digipres/sync-users/shared/domain/summarize"
	"github.com/digipres/sync-users/shared/function"
	"github.com/digipres/sync-users/shared/settings"
)

func main() { function.Start(newHandler) }

func newHandler(_ context.Context, cfg aws.Config, s settings.SummarizeRun) (summarize.Function, error) {
	runs := awss3.NewRuns(cfg, s.RunsBucket)
	return summarize.Function{Reader: runs, Writer: runs, Now: time.Now}, nil
}
