// Command record-event is the Lambda that records events of the connector where runs of
// fetch-files look for them.
package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/digipres/sync-users/shared/adapter/awss3"
	"github.com/digipres/sync-users/shared/domain/fetchrun"
	"github.com/digipres/sync-users/shared/function"
	"github.com/digipres/sync-users/shared/settings"
)

func main() { function.Start(newHandler) }

func newHandler(_ context.Context, cfg aws.Config, s settings.SummarizeRun) (fetchrun.EventFunction, error) {
	return fetchrun.EventFunction{Store: awss3.NewRuns(cfg, s.RunsBucket)}, nil
}
