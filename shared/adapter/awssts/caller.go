// Package awssts tells whose AWS credentials are in use.
package awssts

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
)

// Caller is whom AWS takes us for.
type Caller struct {
	Account, ARN string
}

// WhoAmI asks AWS whose credentials the configuration has. Nobody needs a
// permission for it.
func WhoAmI(ctx context.Context, cfg aws.Config) (Caller, error) {
	output, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Caller{}, awsapi.Named(err)
	}
	return Caller{Account: aws.ToString(output.Account), ARN: aws.ToString(output.Arn)}, nil
}
