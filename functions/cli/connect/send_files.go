package connect

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/digipres/sync-users/functions/cli/runs"
	"github.com/digipres/sync-users/shared/adapter/awscfn"
	"github.com/digipres/sync-users/shared/adapter/awscloudwatch"
	"github.com/digipres/sync-users/shared/adapter/awsevents"
	"github.com/digipres/sync-users/shared/adapter/awslambda"
	"github.com/digipres/sync-users/shared/adapter/awss3"
	"github.com/digipres/sync-users/shared/adapter/awsscheduler"
	"github.com/digipres/sync-users/shared/adapter/awssfn"
	"github.com/digipres/sync-users/shared/adapter/awssns"
	"github.com/digipres/sync-users/shared/adapter/awssqs"
	"github.com/digipres/sync-users/shared/domain/alarm"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/shared/domain/sendrun"
	"github.com/digipres/sync-users/shared/settings"
)

// SendFiles is a deployed CloudFormation stack of send-files.
type SendFiles struct {
	StateMachine StateMachine
	Executions   runs.Executions
	Records      run.Reader
	RunsBucket   string
	// Open reads the settings that the functions are deployed with. It returns Misconfigured
	// if they are not those of this version.
	Open func(context.Context) (Sending, error)
	// Alarms returns the installation's alarms, in order of name.
	Alarms func(context.Context) ([]alarm.Alarm, error)
	Checks SendFilesChecks
}

// SendFilesChecks are checks of what starts runs, and whom failures are told. Those that
// return only an error return Misconfigured for what does not work.
type SendFilesChecks struct {
	UploadRule, Notifications func(context.Context) error
	// Schedule returns the expression of the schedule; "" without one.
	Schedule func(context.Context) (string, error)
	// CountUndelivered returns how many events started nothing.
	CountUndelivered func(context.Context) (int, error)
	// CountSubscriptions is that of awssns.
	CountSubscriptions func(context.Context) (confirmed int, err error)
}

// Sending is what a deployment sends, how, and where to.
type Sending struct {
	Settings  settings.SendFile
	Selection sendrun.Selection
	Sender    sendfile.Sender
	Partner   Partner
}

func (c *connections) SendFiles(ctx context.Context) (*SendFiles, error) {
	cfg, err := c.config(ctx)
	if err != nil {
		return nil, err
	}
	stack := c.flags.CloudFormationStack
	outputs, err := awscfn.ReadSendFiles(ctx, cloudformation.NewFromConfig(cfg), stack)
	if err != nil {
		return nil, err
	}
	workflow := awssfn.NewWorkflow(cfg, outputs.StateMachineARN)
	return &SendFiles{
		StateMachine: workflow, Executions: workflow, Records: awss3.NewRuns(cfg, outputs.RunsBucket),
		RunsBucket: outputs.RunsBucket,
		Open:       func(ctx context.Context) (Sending, error) { return c.openSending(ctx, cfg, stack) },
		Alarms: func(ctx context.Context) ([]alarm.Alarm, error) {
			return awscloudwatch.Alarms(ctx, awscloudwatch.NewClient(cfg), stack)
		},
		// The names are those that infra/sendfiles gives.
		Checks: SendFilesChecks{
			UploadRule: func(ctx context.Context) error {
				return awsevents.CheckRuleEnabled(ctx, eventbridge.NewFromConfig(cfg), stack+"-upload")
			},
			Notifications: func(ctx context.Context) error {
				return awss3.CheckEventBridgeEnabled(ctx, cfg, outputs.SourceBucket)
			},
			Schedule: func(ctx context.Context) (string, error) {
				return awsscheduler.Expression(ctx, scheduler.NewFromConfig(cfg), stack+"-schedule")
			},
			CountUndelivered: func(ctx context.Context) (int, error) {
				return awssqs.CountMessages(ctx, sqs.NewFromConfig(cfg), stack+"-undelivered")
			},
			CountSubscriptions: func(ctx context.Context) (int, error) {
				return awssns.CountSubscriptions(ctx, sns.NewFromConfig(cfg), outputs.TopicARN)
			},
		},
	}, nil
}

// openSending connects to what the deployed functions work with, as their main.go do.
func (c *connections) openSending(ctx context.Context, cfg aws.Config, stack string) (Sending, error) {
	environment, err := awslambda.Environment(ctx, lambda.NewFromConfig(cfg), stack+"-send-file")
	if err != nil {
		return Sending{}, err
	}
	s, err := settings.Read[settings.SendFile](environment)
	if err != nil {
		return Sending{}, err
	}
	options, err := s.Options()
	if err != nil {
		return Sending{}, err
	}
	source, partner := awss3.NewSource(cfg), c.Partner(s.SFTP)
	return Sending{
		Settings: s,
		Selection: sendrun.Selection{
			Options: options, Source: sendrun.Source{Bucket: s.SourceBucket, Prefix: s.SourcePrefix},
			Lister: source, Manifests: awss3.NewRuns(cfg, s.RunsBucket),
		},
		Sender: sendfile.Sender{
			Options: options, Now: time.Now, Source: source, Records: awss3.NewSentRecords(cfg, s.RunsBucket), Server: partner.Client, Files: partner.Client,
		},
		Partner: partner,
	}, nil
}
