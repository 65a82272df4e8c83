// Package awsapi is what the AWS adapters have in common: how their clients
// are set up, and which remedy an answer of AWS calls for.
package awsapi

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

const (
	// attempts of one call, the first included. What still fails is retried
	// by the workflow, which waits longer.
	attempts    = 5
	longestWait = 5 * time.Second
	// attemptTimeout bounds one attempt, its body included.
	attemptTimeout = 30 * time.Second
)

// Config reads the region, credentials and endpoints as every AWS SDK does;
// options, such as a profile's name, go before what the environment says.
// Clients made from it retry what is worth a retry, within their context.
// Errors are Misconfigured without a region, and AccessDenied without
// credentials.
func Config(ctx context.Context, options ...func(*config.LoadOptions) error) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx, append([]func(*config.LoadOptions) error{
		config.WithLogger(logger{context.Background()}),
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(attemptTimeout)),
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts = attempts
				o.MaxBackoff = longestWait
			})
		}),
	}, options...)...)
	if err != nil {
		return aws.Config{}, errkind.Errorf(errkind.Misconfigured, "read the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		return aws.Config{}, errkind.Errorf(errkind.Misconfigured, "no AWS region: set AWS_REGION")
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return aws.Config{}, errkind.Errorf(errkind.AccessDenied, "no AWS credentials: %w", err)
	}
	// Not before: only the SDK's own client can be given AWS_CA_BUNDLE.
	cfg.HTTPClient = WithoutWriterTo(cfg.HTTPClient)
	return cfg, nil
}
