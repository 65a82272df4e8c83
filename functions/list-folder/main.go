// Command list-folder is the Lambda that lists a remote folder, and compares it with what was
// fetched.
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

func newHandler(_ context.Context, cfg aws.Config, s settings.FetchFiles) (*fetchrun.FolderFunction, error) {
	store, connector := awss3.NewRuns(cfg, s.RunsBucket), awsconnector.NewFetcher(cfg, s.ConnectorID)
	return &fetchrun.FolderFunction{
		Plans: &fetchrun.Plans{Store: store, Bucket: s.RunsBucket}, Locks: awss3.NewSyncLocks(cfg, s.RunsBucket),
		Lister: connector, Remover: connector, Store: store, Targets: awss3.NewTargets(cfg), Now: time.Now, Sleep: fetchrun.Sleep,
	}, nil
}
