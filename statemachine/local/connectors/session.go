package connectors

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// openSession assumes a connector's access role. Transfer tells for which connector
// ("Cross-service confused deputy prevention" in its user guide).
func (s *Service) openSession(ctx context.Context, connector *types.DescribedConnector) (aws.Config, error) {
	assumed, err := s.sts.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: connector.AccessRole, RoleSessionName: connector.ConnectorId},
		sts.WithAPIOptions(smithyhttp.AddHeaderValue("X-Amz-Source-Arn", *connector.Arn)))
	if err != nil {
		return aws.Config{}, err
	}
	got := assumed.Credentials
	session := s.aws.Copy()
	session.Credentials = credentials.NewStaticCredentialsProvider(*got.AccessKeyId, *got.SecretAccessKey, *got.SessionToken)
	return session, nil
}
