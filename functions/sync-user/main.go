// Command sync-user is the Lambda that syncs the SFTPGo account of one user.
package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/digipres/sync-users/shared/adapter/awss3"
	"github.com/digipres/sync-users/shared/adapter/awsssm"
	"github.com/digipres/sync-users/shared/adapter/sftpgo"
	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/runlock"
	"github.com/digipres/sync-users/shared/domain/syncuser"
	"github.com/digipres/sync-users/shared/function"
	"github.com/digipres/sync-users/shared/settings"
)

func main() { function.Start(newHandler) }

func newHandler(ctx context.Context, cfg aws.Config, s settings.SyncUserFunction) (syncuser.Function, error) {
	parameters := awsssm.NewParameters(cfg)
	client, err := sftpgo.NewFromSettings(ctx, s.SFTPGo, parameters)
	keys := awsssm.NewKeys(parameters, s.AccessKeyPrefix, s.SecretKeyPrefix)
	syncer := account.Syncer{Accounts: client, FolderReader: client, FolderWriter: client, Keys: keys, Connections: s.Connections, S3Endpoint: s.S3Endpoint}
	server := account.Server{Syncer: syncer, Cleaner: account.Cleaner{Lister: client, Reader: client, Writer: client}, Version: client}
	lock := runlock.NewVerifier(awss3.NewLockStore(cfg, s.RunsBucket))
	return syncuser.Function{Server: server, ServerName: "SFTPGo", Lock: lock}, err
}
