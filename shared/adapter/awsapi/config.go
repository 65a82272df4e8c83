// Package awsapi has what the AWS adapters share: the configuration of their clients,
// and the kinds of AWS's errors.
package awsapi

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

const (
	// maxAttempts counts the first one. The workflow retries a call that still fails,
	// with longer delays.
	maxAttempts = 5
	maxBackoff  = 5 * time.Second
	// attemptTimeout is for one attempt, with reading the body.
	attemptTimeout = 30 * time.Second
)

// Config reads the region, credentials and endpoints as every AWS SDK does;
// options, such as a profile's name, override the environment. Clients made from it
// retry throttled and failed calls until their context ends. It returns Misconfigured
// if there is no region, and AccessDenied if there are no credentials.
func Config(ctx context.Context, options ...func(*config.LoadOptions) error) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx, append([]func(*config.LoadOptions) error{
		config.WithLogger(logger{context.Background()}),
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(attemptTimeout)),
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts = maxAttempts
				o.MaxBackoff = maxBackoff
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
	// This comes last, because the SDK adds AWS_CA_BUNDLE to no client but its own.
	cfg.HTTPClient = WithoutWriterTo(cfg.HTTPClient)
	return cfg, nil
}

// logger writes the SDK's log to slog, with the context of the call.
type logger struct{ ctx context.Context }

var _ logging.ContextLogger = logger{}

func (logger) WithContext(ctx context.Context) logging.Logger { return logger{ctx} }

func (l logger) Logf(classification logging.Classification, format string, args ...any) {
	level := slog.LevelDebug
	if classification == logging.Warn {
		level = slog.LevelWarn
	}
	slog.Log(l.ctx, level, fmt.Sprintf(format, args...))
}
