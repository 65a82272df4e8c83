// Package connect opens what commands work with: AWS, SFTPGo, and the deployed
// CloudFormation stack.
package connect

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/digipres/sync-users/functions/cli/runs"
	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/adapter/awscfn"
	"github.com/digipres/sync-users/shared/adapter/awsevents"
	"github.com/digipres/sync-users/shared/adapter/awsiam"
	"github.com/digipres/sync-users/shared/adapter/awss3"
	"github.com/digipres/sync-users/shared/adapter/awssfn"
	"github.com/digipres/sync-users/shared/adapter/awssns"
	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/explain"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

// Flags say where to connect to. They take precedence over the environment.
type Flags struct {
	Profile, Region string
	// CloudFormationStack is the name of the deployed CloudFormation stack.
	CloudFormationStack string
	SFTPGo              SFTPGoFlags
}

// Connections opens connections when a command asks for them, so that no command
// needs settings that it does not use.
type Connections struct {
	AWS    func(context.Context) (AWS, error)
	SFTPGo func(context.Context) (SFTPGo, error)
	// Deployment returns awscfn.ErrNoStack if nothing is deployed.
	Deployment func(context.Context) (*Deployment, error)
}

// AWS is an AWS account.
type AWS struct {
	Region     string
	Caller     func(context.Context) (awsapi.Caller, error)
	Directory  discover.UserDirectory
	Buckets    discover.BucketLister
	AccessKeys explain.AccessKeys
}

// SFTPGo is an SFTPGo server.
type SFTPGo struct {
	Host   string
	Admin  Admin
	Syncer account.Syncer
}

// Admin is the administrator with whose credentials SFTPGo is called.
type Admin interface {
	Version(ctx context.Context) (string, error)
	// CheckPermission returns AccessDenied if the administrator lacks one of
	// sftpgo.RequiredPermissions.
	CheckPermission(ctx context.Context, permission string) error
}

// Deployment is a deployed CloudFormation stack of sync-users.
type Deployment struct {
	StateMachine StateMachine
	Trigger      Trigger
	TriggerRule  Rule
	Topic        Topic
	History      runs.History
	Executions   runlock.Executions
}

// StateMachine starts executions.
type StateMachine interface {
	// CheckActive returns Misconfigured if no execution can be started.
	CheckActive(ctx context.Context) error
	Start(ctx context.Context, name string, input any) (arn string, err error)
}

// Trigger starts an execution by an upload.
type Trigger interface {
	Upload(ctx context.Context) (run.Object, error)
	// EventBridgeEnabled returns Misconfigured if uploads start nothing.
	EventBridgeEnabled(ctx context.Context) error
}

// Rule is a rule of EventBridge.
type Rule interface {
	// CheckEnabled returns Misconfigured if it starts nothing.
	CheckEnabled(ctx context.Context) error
}

// Topic is where failures and alarms are published.
type Topic interface {
	// CountSubscriptions returns Misconfigured if some are not confirmed, or there is none.
	CountSubscriptions(ctx context.Context) (confirmed int, err error)
}

// New returns connections to AWS and SFTPGo.
func New(flags *Flags) Connections {
	var once sync.Once
	var cfg aws.Config
	var err error
	configure := func(ctx context.Context) (aws.Config, error) {
		once.Do(func() { cfg, err = flags.loadAWSConfig(ctx) })
		return cfg, err
	}
	return Connections{
		AWS:        withConfig(configure, openAWS),
		SFTPGo:     withConfig(configure, flags.SFTPGo.open),
		Deployment: withConfig(configure, flags.openDeployment),
	}
}

// withConfig returns a function that opens a connection by the AWS configuration.
func withConfig[T any](
	configure func(context.Context) (aws.Config, error), open func(context.Context, aws.Config) (T, error),
) func(context.Context) (T, error) {
	return func(ctx context.Context) (T, error) {
		cfg, err := configure(ctx)
		if err != nil {
			var none T
			return none, err
		}
		return open(ctx, cfg)
	}
}

func openAWS(_ context.Context, cfg aws.Config) (AWS, error) {
	return AWS{
		Region:     cfg.Region,
		Caller:     func(ctx context.Context) (awsapi.Caller, error) { return awsapi.CallerIdentity(ctx, cfg) },
		Directory:  awsiam.NewDirectory(cfg),
		Buckets:    awss3.NewBuckets(cfg),
		AccessKeys: awsiam.NewAccessKeys(cfg),
	}, nil
}

func (f *Flags) openDeployment(ctx context.Context, cfg aws.Config) (*Deployment, error) {
	outputs, err := awscfn.ReadOutputs(ctx, cfg, f.CloudFormationStack)
	if err != nil {
		return nil, err
	}
	workflow := awssfn.NewWorkflow(cfg, outputs.StateMachineARN)
	return &Deployment{
		StateMachine: workflow,
		Trigger:      awss3.NewTrigger(cfg, outputs.ManagedBucket),
		// The rule's name is the stack's with this suffix (NewTrigger in infra).
		TriggerRule: awsevents.NewRule(cfg, f.CloudFormationStack+"-trigger"),
		Topic:       awssns.NewTopic(cfg, outputs.TopicARN),
		Executions:  awssfn.NewExecutions(cfg),
		History: runs.History{
			Executions: workflow,
			Records:    awss3.NewRuns(cfg, outputs.RunsBucket),
			RunsBucket: outputs.RunsBucket,
			Lock:       awss3.NewLockStore(cfg, outputs.RunsBucket),
		},
	}, nil
}
