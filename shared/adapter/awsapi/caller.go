package awsapi

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Caller is the identity of the credentials in use.
type Caller struct {
	Account, ARN string
}

// CallerIdentity returns the identity of the configuration's credentials. It needs no
// permission.
func CallerIdentity(ctx context.Context, cfg aws.Config) (Caller, error) {
	output, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Caller{}, Classify(err)
	}
	return Caller{Account: aws.ToString(output.Account), ARN: aws.ToString(output.Arn)}, nil
}
