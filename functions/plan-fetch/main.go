// Command plan-fetch is the Lambda that says which folders a run of fetch-files walks, and
// what it fetches from them.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/digipres/sync-users/shared/adapter/awsconnector"
	"github.com/digipres/sync-users/shared/adapter/awss3"
	"github.com/digipres/sync-users/shared/adapter/awssfn"
	"github.com/digipres/sync-users/shared/adapter/awsssm"
	"github.com/digipres/sync-users/shared/domain/fetchrun"
	"github.com/digipres/sync-users/shared/function"
	"github.com/digipres/sync-users/shared/settings"
)

func main() { function.Start(newHandler) }

func newHandler(_ context.Context, cfg aws.Config, s settings.PlanFetch) (fetchrun.PlanFunction, error) {
	return fetchrun.PlanFunction{
		Syncs: awsssm.NewSyncs(cfg, s.SyncsPath), Locks: awss3.NewSyncLocks(cfg, s.RunsBucket), Executions: awssfn.NewExecutions(cfg),
		Server: awsconnector.NewFetcher(cfg, s.ConnectorID), Store: awss3.NewRuns(cfg, s.RunsBucket),
		Mails: awss3.NewMailLogs(cfg, s.RunsBucket), Now: time.Now,
	}, nil
}
