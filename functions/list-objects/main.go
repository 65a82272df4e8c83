// Command list-objects is the Lambda that begins and ends a run of send-files.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/digipres/sync-users/shared/adapter/awss3"
	"github.com/digipres/sync-users/shared/adapter/awssfn"
	"github.com/digipres/sync-users/shared/domain/sendrun"
	"github.com/digipres/sync-users/shared/function"
	"github.com/digipres/sync-users/shared/settings"
)

func main() { function.Start(newHandler) }

func newHandler(_ context.Context, cfg aws.Config, s settings.ListObjects) (sendrun.ListFunction, error) {
	options, err := s.Options()
	return sendrun.ListFunction{
		Options: options, Source: sendrun.Source{Bucket: s.SourceBucket, Prefix: s.SourcePrefix}, Lister: awss3.NewSource(cfg),
		Lock: awss3.NewLockStore(cfg, s.RunsBucket), Executions: awssfn.NewExecutions(cfg),
		Runs: awss3.NewRuns(cfg, s.RunsBucket), Mails: awss3.NewMailLogs(cfg, s.RunsBucket),
		MaxConnections: s.MaxConnections, InvocationTimeout: s.InvocationTimeout, Now: time.Now,
	}, err
}
