package syncusers

import (
	"slices"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/construct"
)

// transferService is AWS Transfer Family as a principal of IAM.
const transferService = "transfer.amazonaws.com"

// transferFunction is what sync-transfer-user needs, besides the lock. An update of a
// user passes the user's role on to AWS Transfer Family, though it does not change it
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awstransferfamily.html).
func transferFunction(settings *Settings, names *construct.Names, roles []*string) *construct.FunctionProps {
	var endSessions []construct.Permission
	if settings.EndSessions {
		endSessions = []construct.Permission{{Actions: []string{"iam:PutRolePolicy"}, Resources: roles}}
	}
	return &construct.FunctionProps{
		Name:        settings.server().function,
		Description: "Makes one person's Transfer user show the buckets of their stacks",
		Environment: map[string]string{
			"TRANSFER_SERVER_ID": settings.TransferServer,
			"SESSION_POLICY":     strconv.FormatBool(settings.SessionPolicy),
			"END_SESSIONS":       strconv.FormatBool(settings.EndSessions),
		},
		Permissions: slices.Concat([]construct.Permission{
			{Actions: []string{"transfer:DescribeServer"}, Resources: []*string{names.ARN("transfer", "server/"+settings.TransferServer)}},
			{Actions: []string{"transfer:DescribeUser", "transfer:UpdateUser"}, Resources: []*string{transferUserARNs(settings, names)}},
			{
				Actions: []string{"iam:PassRole"}, Resources: roles,
				Conditions: map[string]any{"StringEquals": map[string]any{"iam:PassedToService": transferService}},
			},
			readLockPermission(names),
		}, endSessions, construct.BucketsKeyReadPermissions(&settings.Common, names)),
	}
}

func transferUserARNs(settings *Settings, names *construct.Names) *string {
	return names.ARN("transfer", "user/"+settings.TransferServer+"/*")
}

// transferRoles returns the roles that Transfer users have, and the one among them that
// it creates; nil for none.
func transferRoles(scope constructs.Construct, settings *Settings, names *construct.Names) (all []*string, created *string) {
	all = *jsii.Strings(settings.TransferRoles...)
	if settings.CreateTransferRole {
		created = newTransferRole(scope, settings, names).RoleArn()
		all = append(all, created)
	}
	return all, created
}

// newTransferRole creates a role for Transfer users. What one of them sees is said by
// their logical directories, and what they may do by their session policy; the role
// says what nobody may do, in the buckets of all stacks of this account. Its own
// buckets, and those of other installations, begin with the account's number.
//
// It has the actions that SFTP needs
// (https://docs.aws.amazon.com/transfer/latest/userguide/users-policies.html), and tags,
// which a file that is renamed keeps.
func newTransferRole(scope constructs.Construct, settings *Settings, names *construct.Names) awsiam.Role {
	const stackBuckets = "*-*-*"
	ofAccount := map[string]any{"StringEquals": map[string]any{"s3:ResourceAccount": names.Stack.Account()}}
	return construct.NewRole(scope, "TransferUsersRole", &construct.RoleProps{
		Service: transferService,
		// Transfer assumes the role of a user in the context of that user
		// (https://docs.aws.amazon.com/transfer/latest/userguide/confused-deputy.html).
		Source: transferUserARNs(settings, names),
		Permissions: slices.Concat([]construct.Permission{
			{
				Actions:   []string{"s3:ListBucket", "s3:GetBucketLocation"},
				Resources: []*string{names.BucketARN(stackBuckets)}, Conditions: ofAccount,
			},
			{
				Actions: []string{
					"s3:GetObject", "s3:GetObjectTagging", "s3:PutObject", "s3:PutObjectTagging",
					"s3:DeleteObject", "s3:AbortMultipartUpload",
				},
				Resources: []*string{names.ObjectARN(stackBuckets, "*")}, Conditions: ofAccount,
			},
			{
				Deny: true, Actions: []string{"s3:Put*", "s3:Delete*", "s3:AbortMultipartUpload"},
				Resources: []*string{names.ObjectARN("*-managed", "*")},
			},
			{Deny: true, Actions: []string{"s3:*"}, Resources: []*string{
				names.BucketARN("*-repl"), names.ObjectARN("*-repl", "*"),
				names.BucketARN(*names.Stack.Account() + "-*"), names.ObjectARN(*names.Stack.Account()+"-*", "*"),
			}},
		}, construct.BucketsKeyPermissions(&settings.Common, names)),
	})
}

func transferOutputs(settings *Settings, createdRole *string) []construct.Output {
	if !settings.Transfer() {
		return nil
	}
	outputs := []construct.Output{
		{Name: "TransferServerId", Description: "The Transfer server whose users are synced", Value: &settings.TransferServer},
		{Name: "SessionPolicy", Description: "Whether session policies say what users may do", Value: jsii.String(strconv.FormatBool(settings.SessionPolicy))},
		{Name: "AccountTag", Description: "The tag of an IAM user that names the Transfer user", Value: &settings.AccountTag},
	}
	if createdRole != nil {
		outputs = append(outputs, construct.Output{Name: "TransferRoleArn", Description: "Create Transfer users with this role", Value: createdRole})
	}
	return outputs
}
