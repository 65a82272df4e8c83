// Command discover-users is the Lambda that finds the users of a run.
package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/digipres/sync-users/shared/adapter/awsiam"
	"github.com/digipres/sync-users/shared/adapter/awss3"
	"github.com/digipres/sync-users/shared/adapter/awssfn"
	"github.com/digipres/sync-users/shared/adapter/awssqs"
	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/function"
	"github.com/digipres/sync-users/shared/settings"
)

func main() { function.Start(newHandler) }

func newHandler(_ context.Context, cfg aws.Config, s settings.DiscoverUsers) (discover.Function, error) {
	return discover.Function{
		Directory: awsiam.NewDirectory(cfg, s.AccountTag), Buckets: awss3.NewBuckets(cfg),
		Lock: awss3.NewLockStore(cfg, s.RunsBucket), Executions: awssfn.NewExecutions(cfg),
		KeyChanges:     awssqs.NewKeyChanges(cfg, s.KeyChangesQueue, s.AccessKeyPrefix, s.SecretKeyPrefix),
		Runs:           awss3.NewRuns(cfg, s.RunsBucket),
		RunsBucket:     s.RunsBucket,
		ManagedBucket:  s.ManagedBucket,
		MaxConcurrency: s.MaxConcurrency, MaxLosses: s.MaxLosses,
	}, nil
}
