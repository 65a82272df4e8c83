package fetchfiles

import (
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awstransfer"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/construct"
	"github.com/digipres/sync-users/shared/domain/fetchconfig"
)

// connector is the SFTP connector, by which files come from the server.
type connector struct {
	id, arn *string
	// addresses are those from which it connects, separated by commas.
	addresses *string
}

// newConnector creates the connector, its role and its log.
func newConnector(scope constructs.Construct, s *Settings, names *construct.Names) *connector {
	scope = constructs.NewConstruct(scope, jsii.String("Connector"))
	role := construct.NewRole(scope, "Role", &construct.RoleProps{
		Service: "transfer.amazonaws.com", Source: names.ARN("transfer", "connector/*"),
		Permissions: connectorPermissions(s, names),
	})
	logging := construct.NewRole(scope, "LoggingRole", &construct.RoleProps{
		Service: "transfer.amazonaws.com", Source: names.ARN("transfer", "connector/*"),
		// What AWS's own AWSTransferLoggingAccess has, for connectors alone
		// (https://docs.aws.amazon.com/transfer/latest/userguide/configure-cw-logging-role.html).
		Permissions: []construct.Permission{{
			Actions:   []string{"logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"},
			Resources: []*string{names.ARN("logs", "log-group:/aws/transfer/c-*")},
		}},
	})
	made := awstransfer.NewCfnConnector(scope, jsii.String("Connector"), &awstransfer.CfnConnectorProps{
		Url:                &s.server.URL,
		AccessRole:         role.RoleArn(),
		LoggingRole:        logging.RoleArn(),
		SecurityPolicyName: &s.server.SecurityPolicyName,
		SftpConfig: &awstransfer.CfnConnector_SftpConfigProperty{
			UserSecretId:             secretARN(s, names),
			TrustedHostKeys:          jsii.Strings(s.server.PublicKey...),
			MaxConcurrentConnections: jsii.Number(s.MaxConnections),
		},
	})
	awslogs.NewCfnLogGroup(scope, jsii.String("Log"), &awslogs.CfnLogGroupProps{
		LogGroupName:    jsii.String("/aws/transfer/" + *made.AttrConnectorId()),
		RetentionInDays: jsii.Number(s.LogRetentionDays),
	})
	return &connector{id: made.AttrConnectorId(), arn: made.AttrArn(), addresses: awscdk.Fn_Join(jsii.String(","), made.AttrServiceManagedEgressIpAddresses())}
}

// secretARN returns the ARN of the secret. One that is made of a name has no six characters
// at its end, which Secrets Manager does not need
// (https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen).
func secretARN(s *Settings, names *construct.Names) *string {
	if strings.HasPrefix(s.ConnectorSecret, "arn:") {
		return &s.ConnectorSecret
	}
	return names.ARN("secretsmanager", "secret:"+s.ConnectorSecret)
}

// secretARNs matches the secret in a policy, which compares complete ARNs.
func secretARNs(s *Settings, names *construct.Names) *string {
	if strings.HasPrefix(s.ConnectorSecret, "arn:") {
		return &s.ConnectorSecret
	}
	return jsii.String(*secretARN(s, names) + "-??????")
}

// connectorPermissions let the connector read its login, and write files where the syncs go
// and listings into the runs bucket.
func connectorPermissions(s *Settings, names *construct.Names) []construct.Permission {
	buckets, objects := targets(s, names)
	permissions := []construct.Permission{
		{Actions: []string{"secretsmanager:GetSecretValue"}, Resources: []*string{secretARNs(s, names)}},
		{Actions: []string{"s3:GetBucketLocation", "s3:ListBucket"}, Resources: append(buckets, names.BucketARN(names.RunsBucket))},
		{Actions: []string{"s3:PutObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload"}, Resources: append(objects, names.RunsObjectARNs("listings/*")...)},
	}
	if s.SecretsKey != "" {
		permissions = append(permissions, construct.Permission{
			Actions: []string{"kms:Decrypt"}, Resources: []*string{&s.SecretsKey},
			Conditions: map[string]any{"StringLike": map[string]any{"kms:EncryptionContext:SecretARN": secretARNs(s, names)}},
		})
	}
	// The parts of a large file are decrypted when they are put together
	// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html).
	return slices.Concat(permissions, targetKeyPermissions(s, names, "kms:Decrypt", "kms:GenerateDataKey"), construct.BucketsKeyPermissions(&s.Common, names))
}

// targets returns the ARNs of the buckets that syncs go to, and of their objects, each once.
func targets(s *Settings, names *construct.Names) (buckets, objects []*string) {
	return arnsOf(s, func(sync *fetchconfig.Sync) *string { return names.BucketARN(sync.LocalRepository.BucketName) }),
		arnsOf(s, func(sync *fetchconfig.Sync) *string { return objectsOf(sync.LocalRepository, names) })
}

// objectsOf matches the objects of a place.
func objectsOf(place fetchconfig.LocalRepository, names *construct.Names) *string {
	return names.ObjectARN(place.BucketName, strings.TrimPrefix(literal(place.Prefix)+"/*", "/"))
}

// literal returns a text as a policy has it in which no character stands for others
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars).
func literal(text string) string {
	return strings.NewReplacer("*", "${*}", "?", "${?}", "$", "${$}").Replace(text)
}

// targetKeyPermissions let a role use the keys of the buckets that syncs go to, for S3 alone.
func targetKeyPermissions(s *Settings, names *construct.Names, actions ...string) []construct.Permission {
	keys := arnsOf(s, func(sync *fetchconfig.Sync) *string { return &sync.LocalRepository.KmsKeyARN })
	if len(keys) == 0 {
		return nil
	}
	return []construct.Permission{{
		Actions: actions, Resources: keys,
		Conditions: map[string]any{"StringEquals": map[string]any{"kms:ViaService": "s3." + *names.Stack.Region() + ".amazonaws.com"}},
	}}
}

// arnsOf returns an ARN of each sync that has it, each once.
func arnsOf(s *Settings, of func(*fetchconfig.Sync) *string) []*string {
	var arns []*string
	seen := map[string]bool{"": true}
	for i := range s.server.SyncSettings {
		if arn := of(&s.server.SyncSettings[i]); !seen[*arn] {
			seen[*arn] = true
			arns = append(arns, arn)
		}
	}
	return arns
}
