// Command fetch-batch is the Lambda that has some files fetched, and records those that came.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/digipres/sync-users/shared/adapter/awsconnector"
	"github.com/digipres/sync-users/shared/adapter/awss3"
	"github.com/digipres/sync-users/shared/domain/fetchrun"
	"github.com/digipres/sync-users/shared/function"
	"github.com/digipres/sync-users/shared/settings"
)

func main() { function.Start(newHandler) }

func newHandler(_ context.Context, cfg aws.Config, s settings.FetchFiles) (*fetchrun.BatchFunction, error) {
	store := awss3.NewRuns(cfg, s.RunsBucket)
	return &fetchrun.BatchFunction{
		Plans: &fetchrun.Plans{Store: store, Bucket: s.RunsBucket}, Locks: awss3.NewSyncLocks(cfg, s.RunsBucket),
		Transferer: awsconnector.NewFetcher(cfg, s.ConnectorID), Targets: awss3.NewTargets(cfg), Store: store, Now: time.Now, Sleep: fetchrun.Sleep,
	}, nil
}
