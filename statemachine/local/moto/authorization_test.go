package moto_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local/moto"
)

// TestPermissions has a user read two parameters, each a resource of its own.
func TestPermissions(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"/ids/alice", "/secrets/alice"} {
		_, err := ssm.NewFromConfig(account).PutParameter(t.Context(), &ssm.PutParameterInput{Name: &name, Value: aws.String("v"), Type: ssmtypes.ParameterTypeString})
		require.NoError(t, err)
	}
	const ids, secrets = "arn:aws:ssm:us-east-1:123456789012:parameter/ids/*", "arn:aws:ssm:us-east-1:123456789012:parameter/secrets/*"
	both := allow("ssm:GetParameters", ids, secrets)
	with := func(key string, value any) statement {
		changed := statement{key: value}
		for k, v := range both {
			if _, ok := changed[k]; !ok {
				changed[k] = v
			}
		}
		return changed
	}
	tests := []struct {
		name string
		give []statement
		want string // what is denied; empty when nothing is
	}{
		{name: "both", give: []statement{both}},
		{name: "one a statement", give: []statement{allow("ssm:GetParameters", ids), allow("ssm:GetParameters", secrets)}},
		{name: "all actions of a kind, in other letters", give: []statement{with("Action", "SSM:get*")}},
		{name: "one letter in place of any", give: []statement{with("Resource", strings.Replace(ids, "ids/*", "*s/alic?", 1))}},
		{name: "everything but", give: []statement{{"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::*"}}},
		{name: "of this account", give: []statement{with("Condition", map[string]any{"StringEquals": map[string]any{"aws:ResourceAccount": "123456789012"}})}},
		{name: "nothing", want: "parameter/ids/alice"},
		{name: "another action", give: []statement{with("Action", "ssm:GetParameter")}, want: "parameter/ids/alice"},
		{name: "one of the two", give: []statement{allow("ssm:GetParameters", ids)}, want: "parameter/secrets/alice"},
		{name: "a part of the name", give: []statement{with("Resource", strings.TrimSuffix(ids, "/*"))}, want: "parameter/ids/alice"},
		{name: "a denial", give: []statement{both, with("Effect", "Deny")}, want: "parameter/ids/alice"},
		{name: "of another account", give: []statement{with("Condition", map[string]any{"StringEquals": map[string]any{"aws:ResourceAccount": "1"}})}, want: "parameter/ids/alice"},
		{name: "under a condition of which nothing is known", give: []statement{with("Condition", map[string]any{"StringLike": map[string]any{"aws:SourceVpc": "*"}})}, want: "parameter/ids/alice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			reader := ssm.NewFromConfig(newUser(t, tt.give...))

			_, err := reader.GetParameters(t.Context(), &ssm.GetParametersInput{Names: []string{"/ids/alice", "/secrets/alice"}})

			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			refused(t, err, "AccessDeniedException")
			assert.ErrorContains(t, err, "is not authorized to perform: ssm:GetParameters on resource: arn:aws:ssm:us-east-1:123456789012:"+tt.want)
		})
	}
}

// Reading by a path is asked about the path, and not about each parameter under it.
func TestPermissionsByPath(t *testing.T) {
	t.Parallel()
	_, err := ssm.NewFromConfig(account).PutParameter(t.Context(), &ssm.PutParameterInput{Name: aws.String("/paths/alice"), Value: aws.String("v"), Type: ssmtypes.ParameterTypeString})
	require.NoError(t, err)
	for _, tt := range []struct{ path, want string }{{"paths", ""}, {"other", "AccessDeniedException"}} {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			reader := ssm.NewFromConfig(newUser(t, allow("ssm:GetParametersByPath", "arn:aws:ssm:us-east-1:123456789012:parameter/"+tt.path)))
			_, err := reader.GetParametersByPath(t.Context(), &ssm.GetParametersByPathInput{Path: aws.String("/paths")})
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			refused(t, err, tt.want)
		})
	}
}

// TestResources has a user ask for its own resources and for others.
func TestResources(t *testing.T) {
	t.Parallel()
	ours := createMachine(t, `{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}`)
	execution := *execute(t, ours, `{}`).ExecutionArn
	createBucket(t, "resources", map[string]string{"own/a b+c": "text", "other": "text"})
	topic, err := sns.NewFromConfig(account).CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String("own")})
	require.NoError(t, err)
	user := newUser(t,
		allow("states:DescribeExecution", "arn:aws:states:us-east-1:123456789012:execution:TestResources:*"),
		allow("states:StartExecution", ours),
		allow("s3:GetObject", "arn:aws:s3:::resources/own/*"),
		allow("sns:Publish", *topic.TopicArn),
		allow("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:own"),
	)
	tests := []struct {
		name  string
		call  func(ctx context.Context, resource string) error
		ours  []string
		other string
		code  string
	}{
		{"an execution", func(ctx context.Context, arn string) error {
			_, err := sfn.NewFromConfig(user).DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
			return err
		}, []string{execution}, strings.Replace(execution, ":TestResources:", ":Other:", 1), "AccessDeniedException"},
		{"a state machine", func(ctx context.Context, arn string) error {
			_, err := sfn.NewFromConfig(user).StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: &arn})
			return err
		}, []string{ours}, ours + "s", "AccessDeniedException"},
		{"an object", func(ctx context.Context, key string) error {
			_, err := s3.NewFromConfig(user).GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("resources"), Key: &key})
			return err
		}, []string{"own/a b+c"}, "other", "AccessDenied"},
		{"a topic", func(ctx context.Context, arn string) error {
			_, err := sns.NewFromConfig(user).Publish(ctx, &sns.PublishInput{TopicArn: &arn, Message: aws.String("hello")})
			return err
		}, []string{*topic.TopicArn}, *topic.TopicArn + "s", "AccessDenied"},
		{"a function", func(ctx context.Context, name string) error {
			_, err := lambda.NewFromConfig(user).Invoke(ctx, &lambda.InvokeInput{FunctionName: &name, Payload: []byte(`{"a":1}`)})
			return err
		}, []string{"own", "arn:aws:lambda:us-east-1:123456789012:function:own"}, "other", "AccessDeniedException"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, resource := range tt.ours {
				require.NoError(t, tt.call(t.Context(), resource))
			}
			refused(t, tt.call(t.Context(), tt.other), tt.code)
		})
	}
}

// TestLiteralCharacters asserts that a policy can name the characters that have a
// meaning in it.
func TestLiteralCharacters(t *testing.T) {
	t.Parallel()
	keys := []string{"a*b", "a?b", "a$b", "a[xyz]b", "axb"}
	objects := map[string]string{}
	for _, key := range keys {
		objects[key] = "text"
	}
	createBucket(t, "literal", objects)
	for pattern, want := range map[string]string{"a${*}b": "a*b", "a${?}b": "a?b", "a${$}b": "a$b", "a[xyz]b": "a[xyz]b"} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			client := s3.NewFromConfig(newUser(t, allow("s3:GetObject", "arn:aws:s3:::literal/"+pattern)))
			for _, key := range keys {
				_, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("literal"), Key: &key})
				assert.Equal(t, key == want, err == nil, key)
			}
		})
	}
}

// TestMissingObject asserts that only those who may list a bucket learn that an
// object is missing.
func TestMissingObject(t *testing.T) {
	t.Parallel()
	createBucket(t, "secretive", nil)
	get := func(config aws.Config) error {
		_, err := s3.NewFromConfig(config).GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("secretive"), Key: aws.String("none")})
		return err
	}
	reading, listing := allow("s3:GetObject", "arn:aws:s3:::secretive/*"), allow("s3:ListBucket", "arn:aws:s3:::secretive")

	t.Run("reader", func(t *testing.T) { refused(t, get(newUser(t, reading)), "AccessDenied") })
	t.Run("lister", func(t *testing.T) { refused(t, get(newUser(t, reading, listing)), "NoSuchKey") })
}

// TestDeletingObjects asserts that whoever may delete objects under a prefix needs no right to
// the bucket, and has none to other objects.
func TestDeletingObjects(t *testing.T) {
	t.Parallel()
	createBucket(t, "deleted-from", nil)
	for _, key := range []string{"a/1", "a/2", "b/1"} {
		_, err := s3.NewFromConfig(account).PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("deleted-from"), Key: &key})
		require.NoError(t, err)
	}
	client := s3.NewFromConfig(newUser(t, allow("s3:DeleteObject", "arn:aws:s3:::deleted-from/a/*")))
	remove := func(keys ...string) []s3types.Error {
		objects := &s3types.Delete{Quiet: aws.Bool(true)}
		for _, key := range keys {
			objects.Objects = append(objects.Objects, s3types.ObjectIdentifier{Key: &key})
		}
		output, err := client.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: aws.String("deleted-from"), Delete: objects})
		require.NoError(t, err)
		return output.Errors
	}
	assert.Empty(t, remove("a/1", "a/2"))
	denied := remove("b/1")
	require.Len(t, denied, 1)
	assert.Equal(t, "AccessDenied", aws.ToString(denied[0].Code))
}

// TestEncryptedTopic asserts that SNS encrypts in the name of the publisher.
func TestEncryptedTopic(t *testing.T) {
	t.Parallel()
	const key = "arn:aws:kms:us-east-1:123456789012:key/of-the-topic"
	topic, err := sns.NewFromConfig(account).CreateTopic(t.Context(), &sns.CreateTopicInput{
		Name: aws.String("encrypted"), Attributes: map[string]string{"KmsMasterKeyId": key},
	})
	require.NoError(t, err)
	publishing := allow("sns:Publish", *topic.TopicArn)
	using := func(topic string) statement {
		s := allow("kms:*", key)
		s["Condition"] = map[string]any{"StringEquals": map[string]any{"kms:EncryptionContext:aws:sns:topicArn": topic}}
		return s
	}
	publish := func(config aws.Config) error {
		_, err := sns.NewFromConfig(config).Publish(t.Context(), &sns.PublishInput{TopicArn: topic.TopicArn, Message: aws.String("hello")})
		return err
	}

	t.Run("topic alone", func(t *testing.T) { refused(t, publish(newUser(t, publishing)), "AccessDenied") })
	t.Run("key of another topic", func(t *testing.T) { refused(t, publish(newUser(t, publishing, using("another"))), "AccessDenied") })
	t.Run("topic and key", func(t *testing.T) { require.NoError(t, publish(newUser(t, publishing, using(*topic.TopicArn)))) })
}

// TestInvalidCredentials asserts that each service refuses them with its own codes.
func TestInvalidCredentials(t *testing.T) {
	t.Parallel()
	own, err := newUser(t, everything).Credentials.Retrieve(t.Context())
	require.NoError(t, err)
	as := func(id, secret string) aws.Config {
		config := account.Copy()
		config.Credentials = credentials.NewStaticCredentialsProvider(id, secret, "")
		return config
	}
	unknown, forged := as("AKIANOBODYKNOWSTHIS0", own.SecretAccessKey), as(own.AccessKeyID, "guessed")

	for code, config := range map[string]aws.Config{"UnrecognizedClientException": unknown, "InvalidSignatureException": forged} {
		_, err = ssm.NewFromConfig(config).DescribeParameters(t.Context(), &ssm.DescribeParametersInput{})
		refused(t, err, code)
	}
	for code, config := range map[string]aws.Config{"InvalidClientTokenId": unknown, "SignatureDoesNotMatch": forged} {
		_, err = iam.NewFromConfig(config).ListUsers(t.Context(), &iam.ListUsersInput{})
		refused(t, err, code)
	}
	for code, config := range map[string]aws.Config{"InvalidAccessKeyId": unknown, "SignatureDoesNotMatch": forged} {
		_, err = s3.NewFromConfig(config).ListBuckets(t.Context(), &s3.ListBucketsInput{})
		refused(t, err, code)
	}
	for _, authorization := range []string{"", "Basic YTpi"} {
		request, err := http.NewRequest(http.MethodGet, *account.BaseEndpoint+"/some-bucket/some-key", nil)
		require.NoError(t, err)
		request.Header.Set("Authorization", authorization)
		answer, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		defer answer.Body.Close()
		assert.Equal(t, http.StatusForbidden, answer.StatusCode, "the request is not signed")
	}
}

// TestSignedQuery sends characters that a query must encode, and a query without a
// body.
func TestSignedQuery(t *testing.T) {
	t.Parallel()
	createBucket(t, "queried", map[string]string{"a b+c&d=e/f": "text"})

	listed, err := s3.NewFromConfig(account).ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("queried"), Prefix: aws.String("a b+c&d=e/")})
	require.NoError(t, err)
	assert.Len(t, listed.Contents, 1)

	_, err = lambda.NewFromConfig(account).ListFunctions(t.Context(), &lambda.ListFunctionsInput{MaxItems: aws.Int32(1)})
	require.NoError(t, err)
}

// TestAssumeRole asserts that a role is assumed only by those whom it trusts, and that
// the root user assumes none.
func TestAssumeRole(t *testing.T) {
	t.Parallel()
	user := newUser(t, allow("sts:AssumeRole", "*"))
	for _, config := range []aws.Config{account, user} {
		_, err := sts.NewFromConfig(config).AssumeRole(t.Context(), &sts.AssumeRoleInput{
			RoleArn: aws.String(role), RoleSessionName: aws.String("user"),
		})
		refused(t, err, "AccessDenied")
	}
}

// TestSessionPolicy asserts that a session may do what both its role and its own policy
// allow.
func TestSessionPolicy(t *testing.T) {
	t.Parallel()
	for _, bucket := range []string{"session-data", "session-managed", "other-data"} {
		createBucket(t, bucket, map[string]string{"key": "text"})
	}
	readAll := allow("s3:GetObject", "arn:aws:s3:::*")
	read := allow("s3:GetObject", "arn:aws:s3:::session-*")
	readRole := roleOf(t, read)
	deny := statement{"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::session-managed/*"}
	tests := []struct {
		name   string
		policy *string
		want   []string // the buckets that may be read
	}{
		{name: "none", want: []string{"session-data", "session-managed"}},
		{name: "wider than the role", policy: policy(readAll), want: []string{"session-data", "session-managed"}},
		{name: "narrower", policy: policy(allow("s3:GetObject", "arn:aws:s3:::session-data/*")), want: []string{"session-data"}},
		{name: "a denial", policy: policy(readAll, deny), want: []string{"session-data"}},
		{name: "another action", policy: policy(allow("s3:PutObject", "arn:aws:s3:::*"))},
		{name: "a denial of all", policy: policy(statement{"Effect": "Deny", "Action": "*", "Resource": "*"})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client := s3.NewFromConfig(assume(t, readRole, "session", tt.policy))
			for _, bucket := range []string{"session-data", "session-managed", "other-data"} {
				_, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: aws.String("key")})
				if slices.Contains(tt.want, bucket) {
					require.NoError(t, err, bucket)
				} else {
					refused(t, err, "AccessDenied")
				}
			}
		})
	}
}

// TestOlderSessions asserts that a role's policy can end the sessions of one user that
// began before a time.
func TestOlderSessions(t *testing.T) {
	t.Parallel()
	createBucket(t, "ended", map[string]string{"key": "text"})
	allowed := allow("s3:GetObject", "arn:aws:s3:::ended/*")
	name := roleOf(t, allowed)
	alice, bob := assume(t, name, "alice.0123@s-0", nil), assume(t, name, "bob.0123@s-0", nil)
	read := func(session aws.Config) error {
		_, err := s3.NewFromConfig(session).GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("ended"), Key: aws.String("key")})
		return err
	}
	require.NoError(t, read(alice))

	_, err := iam.NewFromConfig(account).PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String(t.Name()), PolicyName: aws.String("ended"), PolicyDocument: policy(statement{
			"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": map[string]any{
				"StringLike":   map[string]any{"aws:userid": "*:alice.*@s-0"},
				"DateLessThan": map[string]any{"aws:TokenIssueTime": time.Now().UTC().Format("2006-01-02T15:04:05.000000Z")},
			},
		}),
	})
	require.NoError(t, err)

	refused(t, read(alice), "AccessDenied")
	require.NoError(t, read(bob))
	require.NoError(t, read(assume(t, name, "alice.4567@s-0", nil)))
}

// assume has Transfer assume a role, under a session policy that may be nil.
func assume(t *testing.T, role, session string, policy *string) aws.Config {
	t.Helper()
	assumed, err := sts.NewFromConfig(moto.AWS(*account.BaseEndpoint, "transfer.amazonaws.com")).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: &role, RoleSessionName: &session, Policy: policy,
	})
	require.NoError(t, err)
	got := assumed.Credentials
	config := account.Copy()
	config.Credentials = credentials.NewStaticCredentialsProvider(*got.AccessKeyId, *got.SecretAccessKey, *got.SessionToken)
	return config
}

// TestSourceOfService asserts that a role can be for some resources of a service alone.
func TestSourceOfService(t *testing.T) {
	t.Parallel()
	_, err := iam.NewFromConfig(account).CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String(t.Name()), AssumeRolePolicyDocument: policy(statement{
		"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": "transfer.amazonaws.com"},
		"Condition": map[string]any{
			"StringEquals": map[string]any{"aws:SourceAccount": "123456789012"},
			"ArnLike":      map[string]any{"aws:SourceArn": "arn:aws:transfer:us-east-1:123456789012:user/s-1/*"},
		},
	})})
	require.NoError(t, err)
	assumeFor := func(source string) error {
		_, err := sts.NewFromConfig(moto.AWS(*account.BaseEndpoint, "transfer.amazonaws.com")).AssumeRole(t.Context(), &sts.AssumeRoleInput{
			RoleArn: aws.String("arn:aws:iam::123456789012:role/" + t.Name()), RoleSessionName: aws.String("session"),
		}, sts.WithAPIOptions(smithyhttp.AddHeaderValue("X-Amz-Source-Arn", source)))
		return err
	}

	require.NoError(t, assumeFor("arn:aws:transfer:us-east-1:123456789012:user/s-1/alice"))
	refused(t, assumeFor("arn:aws:transfer:us-east-1:123456789012:user/s-2/alice"), "AccessDenied")
	refused(t, assumeFor(""), "AccessDenied")
}

// refused asserts that AWS's answer was an error of that code.
func refused(t *testing.T, err error, code string) {
	t.Helper()
	var answer smithy.APIError
	require.ErrorAs(t, err, &answer)
	assert.Equal(t, code, answer.ErrorCode())
}
