package awsapi

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// CallerARN returns the ARN of the identity that has the configuration's credentials.
// It needs no permission.
func CallerARN(ctx context.Context, cfg aws.Config) (string, error) {
	output, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", Classify(err)
	}
	return aws.ToString(output.Arn), nil
}
