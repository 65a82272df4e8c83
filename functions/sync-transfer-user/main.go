// Command sync-transfer-user is the Lambda that syncs the AWS Transfer Family user of
// one user.
package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/digipres/sync-users/shared/adapter/awsiam"
	"github.com/digipres/sync-users/shared/adapter/awss3"
	"github.com/digipres/sync-users/shared/adapter/awstransfer"
	"github.com/digipres/sync-users/shared/domain/runlock"
	"github.com/digipres/sync-users/shared/domain/syncuser"
	"github.com/digipres/sync-users/shared/domain/transfer"
	"github.com/digipres/sync-users/shared/function"
	"github.com/digipres/sync-users/shared/settings"
)

func main() { function.Start(newHandler) }

func newHandler(_ context.Context, cfg aws.Config, s settings.SyncTransferUserFunction) (syncuser.Function, error) {
	users := awstransfer.NewServer(cfg, s.ServerID)
	server := transfer.Server{Syncer: transfer.Syncer{Users: users, SessionPolicy: s.SessionPolicy}, Description: users}
	if s.EndSessions {
		server.Syncer.Sessions = awsiam.NewRoleSessions(cfg)
	}
	lock := runlock.NewVerifier(awss3.NewLockStore(cfg, s.RunsBucket))
	return syncuser.Function{Server: server, ServerName: "Transfer", Lock: lock}, nil
}
