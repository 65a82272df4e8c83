package connect

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/middleware"

	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

const (
	credentialsHint = "Name a profile with --profile or AWS_PROFILE, log in with `aws sso login`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
	configHint      = "Check AWS_PROFILE or --profile, and AWS_REGION or --region; `aws configure list` shows what is set."
)

// loadAWSConfig loads the configuration as every AWS tool does.
func (f *Flags) loadAWSConfig(ctx context.Context) (aws.Config, error) {
	options := []func(*config.LoadOptions) error{
		config.WithAPIOptions([]func(*middleware.Stack) error{logAWSCalls}),
	}
	if f.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(f.Profile))
	}
	if f.Region != "" {
		options = append(options, config.WithRegion(f.Region))
	}
	cfg, err := awsapi.Config(ctx, options...)
	switch {
	case errkind.Of(err) == errkind.AccessDenied && strings.Contains(err.Error(), "IMDS"):
		// The SDK found nothing else and tried the metadata of an EC2 instance.
		return cfg, hint.With(errkind.Errorf(errkind.AccessDenied, "no AWS credentials were found"), credentialsHint)
	case errkind.Of(err) == errkind.AccessDenied:
		return cfg, hint.With(err, credentialsHint)
	}
	return cfg, hint.With(err, configHint)
}
