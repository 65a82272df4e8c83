// Command discover-users is the Lambda that finds the users of a run, and what
// each of them should reach.
package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/digipres/sync-users/shared/discover"
	"github.com/digipres/sync-users/shared/function"
	"github.com/digipres/sync-users/shared/iam"
	"github.com/digipres/sync-users/shared/s3"
	"github.com/digipres/sync-users/shared/settings"
	"github.com/digipres/sync-users/shared/sfn"
)

func main() { function.Start(wire) }

func wire(_ context.Context, cfg aws.Config, s settings.DiscoverUsers) (discover.Function, error) {
	return discover.Function{
		Directory:      iam.NewDirectory(cfg),
		Buckets:        s3.NewBuckets(cfg),
		Turns:          s3.NewTurn(cfg, s.RunsBucket),
		Executions:     sfn.NewExecutions(cfg),
		Runs:           s3.NewRuns(cfg, s.RunsBucket),
		ManagedBucket:  s.ManagedBucket,
		MaxConcurrency: s.MaxConcurrency,
	}, nil
}
