// Package connect opens what commands work with: AWS, the SFTP server, and the deployed
// CloudFormation stack.
package connect

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/digipres/sync-users/functions/cli/runs"
	"github.com/digipres/sync-users/shared/adapter/awscfn"
	"github.com/digipres/sync-users/shared/adapter/awsevents"
	"github.com/digipres/sync-users/shared/adapter/awss3"
	"github.com/digipres/sync-users/shared/adapter/awssfn"
	"github.com/digipres/sync-users/shared/adapter/awssns"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
	"github.com/digipres/sync-users/shared/settings"
)

// Flags say where to connect to. They take precedence over the environment.
type Flags struct {
	Profile, Region     string
	CloudFormationStack string
	Server              ServerFlags
}

// Connections opens connections when a command asks for them, so that no command
// needs settings that it does not use.
type Connections interface {
	AWS(context.Context) (AWS, error)
	// Server returns the SFTP server, of the deployed CloudFormation stack of that name
	// unless that is empty.
	Server(ctx context.Context, stackName string) (Server, error)
	Deployments
}

// Deployments opens deployed CloudFormation stacks. Its methods return awscfn.ErrNoStack if
// nothing is deployed.
type Deployments interface {
	Deployment(context.Context) (*Deployment, error)
	SendFiles(context.Context) (*SendFiles, error)
	// Partner returns the SFTP server of settings, whose references need AWS credentials.
	Partner(settings.SFTP) Partner
}

// New returns connections to AWS and an SFTP server.
func New(flags *Flags) Connections { return &connections{flags: flags} }

// connections share one AWS configuration, and so its credentials.
type connections struct {
	flags *Flags
	once  sync.Once
	cfg   aws.Config
	err   error
	// accountTag is that of the deployment whose server was opened; empty for that of the
	// environment.
	accountTag string
}

func (c *connections) config(ctx context.Context) (aws.Config, error) {
	c.once.Do(func() { c.cfg, c.err = c.flags.loadAWSConfig(ctx) })
	return c.cfg, c.err
}

// Deployment is a deployed CloudFormation stack of sync-users.
type Deployment struct {
	StateMachine StateMachine
	Trigger      Trigger
	// CheckTriggerRule returns Misconfigured if EventBridge starts nothing on an upload.
	CheckTriggerRule func(context.Context) error
	// CountSubscriptions returns Misconfigured if some subscriptions to the topic of
	// failures and alarms are not confirmed, or there is none.
	CountSubscriptions func(context.Context) (confirmed int, err error)
	History            runs.History
	Executions         runlock.Executions
	// MaxLosses is how many people a run may take access from; nil for the default.
	MaxLosses *int
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

func (c *connections) Deployment(ctx context.Context) (*Deployment, error) {
	cfg, err := c.config(ctx)
	if err != nil {
		return nil, err
	}
	outputs, err := awscfn.ReadOutputs(ctx, cloudformation.NewFromConfig(cfg), c.flags.CloudFormationStack)
	if err != nil {
		return nil, err
	}
	workflow := awssfn.NewWorkflow(cfg, outputs.StateMachineARN)
	return &Deployment{
		StateMachine: workflow,
		Trigger:      awss3.NewTrigger(cfg, outputs.ManagedBucket),
		CheckTriggerRule: func(ctx context.Context) error {
			// The rule's name is the stack's with this suffix (NewTrigger in infra).
			return awsevents.CheckRuleEnabled(ctx, eventbridge.NewFromConfig(cfg), c.flags.CloudFormationStack+"-trigger")
		},
		CountSubscriptions: func(ctx context.Context) (int, error) {
			return awssns.CountSubscriptions(ctx, sns.NewFromConfig(cfg), outputs.TopicARN)
		},
		Executions: awssfn.NewExecutions(cfg),
		MaxLosses:  outputs.MaxLosses,
		History: runs.History{
			Executions:    workflow,
			Records:       awss3.NewRuns(cfg, outputs.RunsBucket),
			RunsBucket:    outputs.RunsBucket,
			Lock:          awss3.NewLockStore(cfg, outputs.RunsBucket),
			ChangesLister: awss3.NewRuns(cfg, outputs.RunsBucket),
		},
	}, nil
}
