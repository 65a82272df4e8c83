// Command list-accounts is the Lambda that lists the SFTPGo accounts which show folders
// of this program.
package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/digipres/sync-users/shared/adapter/awss3"
	"github.com/digipres/sync-users/shared/adapter/awsssm"
	"github.com/digipres/sync-users/shared/adapter/sftpgo"
	"github.com/digipres/sync-users/shared/domain/listaccounts"
	"github.com/digipres/sync-users/shared/function"
	"github.com/digipres/sync-users/shared/settings"
)

func main() { function.Start(newHandler) }

func newHandler(ctx context.Context, cfg aws.Config, s settings.ListAccounts) (listaccounts.Function, error) {
	client, err := sftpgo.NewFromSettings(ctx, s.SFTPGo, awsssm.NewParameters(cfg))
	return listaccounts.Function{Folders: client, Runs: awss3.NewRuns(cfg, s.RunsBucket)}, err
}
