package main

import (
	"context"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/explain"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

// connections lead to what commands work with. Each is opened by the commands
// that need it, so that no command wants settings that it has no use for.
type connections struct {
	account    func(context.Context) (awsAccount, error)
	server     func(context.Context) (sftpgoServer, error)
	deployment func(context.Context) (*deployment, error)
}

// awsAccount is where memberships and buckets are.
type awsAccount struct {
	region     string
	whoAmI     func(context.Context) (awsapi.Caller, error)
	directory  discover.UserDirectory
	buckets    discover.BucketLister
	accessKeys explain.AccessKeys
}

// sftpgoServer is where the accounts are.
type sftpgoServer struct {
	host   string
	admin  administrator
	syncer account.Syncer
}

// administrator is who we are to an SFTPGo server.
type administrator interface {
	Version(ctx context.Context) (string, error)
	// CheckPermission is AccessDenied if a permission of sftpgo.Needed is lacking.
	CheckPermission(ctx context.Context, permission string) error
}

// workflow starts executions and lists them.
type workflow interface {
	// Ready is Misconfigured unless executions can be started.
	CheckActive(ctx context.Context) error
	Start(ctx context.Context, name string, input any) (arn string, err error)
	// Latest gives up to n executions, the newest first.
	Latest(ctx context.Context, n int) ([]run.Execution, error)
}

// watcher looks at one execution.
type watcher interface {
	Execution(ctx context.Context, nameOrARN string) (run.Execution, error)
	// Progress is not ok before there is any.
	Progress(ctx context.Context, arn string) (progress run.Progress, ok bool, err error)
}

// trigger starts a run by an upload.
type trigger interface {
	Upload(ctx context.Context) (run.Object, error)
	// EventBridgeEnabled is Misconfigured if nobody hears of uploads.
	EventBridgeEnabled(ctx context.Context) error
}

// records are what runs leave in the runs bucket.
type records interface {
	run.Reader
	run.Writer
	// Names gives the names of runs that begin with a prefix, in their order.
	Names(ctx context.Context, prefix string) ([]string, error)
}

// deployment is a deployed stack of sync-users.
type deployment struct {
	workflow   workflow
	watch      watcher
	trigger    trigger
	runsBucket string
	runs       records
	turns      runlock.Store
	executions runlock.Executions
}
