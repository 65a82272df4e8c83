package connect

import (
	"cmp"
	"context"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"

	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/adapter/awsiam"
	"github.com/digipres/sync-users/shared/adapter/awss3"
	"github.com/digipres/sync-users/shared/domain/access"
	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/settings"
)

// AWS is an AWS account.
type AWS struct {
	Region string
	// CallerARN returns whose credentials are used.
	CallerARN  func(context.Context) (string, error)
	Directory  discover.UserDirectory
	Buckets    discover.BucketLister
	AccessKeys access.AccessKeys
	CredentialReporter
}

// CredentialReporter reads IAM's credential report.
type CredentialReporter interface {
	access.CredentialReporter
	// CheckAllowed returns AccessDenied if the report may not be read.
	CheckAllowed(ctx context.Context) error
}

func (c *connections) AWS(ctx context.Context) (AWS, error) {
	cfg, err := c.config(ctx)
	if err != nil {
		return AWS{}, err
	}
	s, err := settings.Read[settings.Directory](os.Environ())
	if err != nil {
		return AWS{}, err
	}
	return AWS{
		Region: cfg.Region,
		CallerARN: func(ctx context.Context) (string, error) {
			caller, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
			if err != nil {
				return "", awsapi.Classify(err)
			}
			return aws.ToString(caller.Arn), nil
		},
		Directory:          directory{c, cfg, s.AccountTag},
		Buckets:            awss3.NewBuckets(cfg),
		AccessKeys:         awsiam.NewAccessKeys(cfg),
		CredentialReporter: awsiam.NewCredentialReporter(cfg),
	}, nil
}

// directory reads IAM users, with the tag of the deployment whose server was opened, or
// else that of the environment.
type directory struct {
	connections *connections
	cfg         aws.Config
	accountTag  string
}

func (d directory) IAMUsers(ctx context.Context) ([]discover.IAMUser, error) {
	return awsiam.NewDirectory(d.cfg, cmp.Or(d.connections.accountTag, d.accountTag)).IAMUsers(ctx)
}

func (f *Flags) loadAWSConfig(ctx context.Context) (aws.Config, error) {
	cfg, err := awsapi.Config(ctx,
		config.WithAPIOptions([]func(*middleware.Stack) error{logAWSCalls}),
		config.WithSharedConfigProfile(f.Profile), // An empty one changes nothing.
		config.WithRegion(f.Region))
	if errkind.Of(err) != errkind.AccessDenied {
		return cfg, hint.With(err, "Check AWS_PROFILE or --profile, and AWS_REGION or --region; `aws configure list` shows what is set.")
	}
	if strings.Contains(err.Error(), "IMDS") {
		// The SDK found nothing else and tried the metadata of an EC2 instance.
		err = errkind.Errorf(errkind.AccessDenied, "no AWS credentials were found")
	}
	return cfg, hint.With(err, "Name a profile with --profile or AWS_PROFILE, log in with `aws sso login`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
}
