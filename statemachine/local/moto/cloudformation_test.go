package moto_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stack has a state machine whose definition is filled in by the deployment, and
// a role.
const stack = `{"Resources":{"Machine":{"Type":"AWS::StepFunctions::StateMachine","Properties":{
  "StateMachineName":"from-template","RoleArn":"` + role + `",
  "DefinitionString":"{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"Result\":{\"said\":\"${Said}\"},\"End\":true}}}",
  "DefinitionSubstitutions":{"Said":%[1]q},
  "Tags":[{"Key":"k","Value":"v"}]}},
  "Role":{"Type":"AWS::IAM::Role","Properties":{"RoleName":"from-template",
  "AssumeRolePolicyDocument":{"Statement":[]},
  "Policies":[{"PolicyName":"permissions","PolicyDocument":{"Statement":[{"Effect":"Allow","Action":%[1]q,"Resource":"*"}]}}]}}},
  "Outputs":{"Arn":{"Value":{"Ref":"Machine"}}}}`

func TestStack(t *testing.T) {
	t.Parallel()
	stacks, machines := cloudformation.NewFromConfig(account), sfn.NewFromConfig(account)

	arn := deploy(t, stacks, cfntypes.ChangeSetTypeCreate, "hello")
	assert.JSONEq(t, `{"said":"hello"}`, *execute(t, arn, `{}`).Output)
	assert.Contains(t, rolePolicy(t), "hello")

	assert.Equal(t, arn, deploy(t, stacks, cfntypes.ChangeSetTypeUpdate, "goodbye"))
	assert.JSONEq(t, `{"said":"goodbye"}`, *execute(t, arn, `{}`).Output)
	assert.Contains(t, rolePolicy(t), "goodbye")

	_, err := stacks.DeleteChangeSet(t.Context(), &cloudformation.DeleteChangeSetInput{StackName: aws.String("stack"), ChangeSetName: aws.String("missing")})
	require.NoError(t, err)
	_, err = stacks.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("stack")})
	require.NoError(t, err)
	_, err = machines.DescribeStateMachine(t.Context(), &sfn.DescribeStateMachineInput{StateMachineArn: &arn})
	var none *sfntypes.StateMachineDoesNotExist
	require.ErrorAs(t, err, &none)
	_, err = stacks.DescribeChangeSet(t.Context(), &cloudformation.DescribeChangeSetInput{StackName: aws.String("stack"), ChangeSetName: aws.String("goodbye")})
	var gone *cfntypes.ChangeSetNotFoundException
	assert.ErrorAs(t, err, &gone)
}

// TestStackWithFullBucket asserts that a stack with a bucket that isn't empty can't be
// deleted.
func TestStackWithFullBucket(t *testing.T) {
	t.Parallel()
	stacks, name := cloudformation.NewFromConfig(account), aws.String("bucket-stack")
	_, err := stacks.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: name, TemplateBody: aws.String(
		`{"Resources":{"Bucket":{"Type":"AWS::S3::Bucket","Properties":{"BucketName":"of-a-stack"}}}}`)})
	require.NoError(t, err)
	buckets := s3.NewFromConfig(account)
	_, err = buckets.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("of-a-stack"), Key: aws.String("key")})
	require.NoError(t, err)

	_, err = stacks.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: name})

	require.NoError(t, err)
	described, err := stacks.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: name})
	require.NoError(t, err)
	assert.Equal(t, cfntypes.StackStatusDeleteFailed, described.Stacks[0].StackStatus)
	_, err = buckets.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("of-a-stack"), Key: aws.String("key")})
	assert.NoError(t, err)
}

// rolePolicy returns the inline policy of the stack's role.
func rolePolicy(t *testing.T) string {
	t.Helper()
	policy, err := iam.NewFromConfig(account).GetRolePolicy(t.Context(), &iam.GetRolePolicyInput{
		RoleName: aws.String("from-template"), PolicyName: aws.String("permissions"),
	})
	require.NoError(t, err)
	return *policy.PolicyDocument
}

// deploy deploys the stack through a change set, as the CDK does, and returns
// its output.
func deploy(t *testing.T, stacks *cloudformation.Client, kind cfntypes.ChangeSetType, said string) string {
	t.Helper()
	name := aws.String("stack")
	_, err := stacks.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
		StackName: name, ChangeSetName: &said, ChangeSetType: kind, TemplateBody: aws.String(fmt.Sprintf(stack, said)),
	})
	require.NoError(t, err)
	_, err = stacks.ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{StackName: name, ChangeSetName: &said})
	require.NoError(t, err)
	described, err := stacks.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: name})
	require.NoError(t, err)
	require.Len(t, described.Stacks[0].Outputs, 1)
	return *described.Stacks[0].Outputs[0].OutputValue
}
