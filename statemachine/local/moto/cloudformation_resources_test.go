package moto_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTemplateURL has CloudFormation read a template from a bucket of this server.
func TestTemplateURL(t *testing.T) {
	t.Parallel()
	createBucket(t, "templates", map[string]string{"role.json": `{"Resources":{"Role":{"Type":"AWS::IAM::Role","Properties":{"AssumeRolePolicyDocument":{"Statement":[]}}}}}`})

	_, err := cloudformation.NewFromConfig(account).CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("from-url"), TemplateURL: aws.String(*account.BaseEndpoint + "/templates/role.json"),
	})

	require.NoError(t, err)
}

// TestPreviousParameter updates a stack and keeps the value of its parameter, which
// names one of Parameter Store.
func TestPreviousParameter(t *testing.T) {
	t.Parallel()
	_, err := ssm.NewFromConfig(account).PutParameter(t.Context(), &ssm.PutParameterInput{Name: aws.String("/version"), Value: aws.String("21"), Type: ssmtypes.ParameterTypeString})
	require.NoError(t, err)
	stacks, name := cloudformation.NewFromConfig(account), aws.String("with-parameter")
	template := func(description string) *string {
		return aws.String(fmt.Sprintf(`{"Parameters":{"Version":{"Type":"AWS::SSM::Parameter::Value<String>","Default":"/version"}},
			"Resources":{"Role":{"Type":"AWS::IAM::Role","Properties":{"Description":%q,"AssumeRolePolicyDocument":{"Statement":[]}}}}}`, description))
	}
	_, err = stacks.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: name, TemplateBody: template("first")})
	require.NoError(t, err)

	_, err = stacks.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
		StackName: name, ChangeSetName: aws.String("second"), ChangeSetType: cfntypes.ChangeSetTypeUpdate, TemplateBody: template("second"),
		Parameters: []cfntypes.Parameter{{ParameterKey: aws.String("Version"), UsePreviousValue: aws.Bool(true)}},
	})
	require.NoError(t, err)
	_, err = stacks.ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{StackName: name, ChangeSetName: aws.String("second")})
	require.NoError(t, err)
}

// TestRoleFromTemplate has a map work under a role that a template made.
func TestRoleFromTemplate(t *testing.T) {
	t.Parallel()
	createBucket(t, "for-role", map[string]string{"items.json": "[1]"})
	_, err := cloudformation.NewFromConfig(account).CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("with-role"), TemplateBody: aws.String(`{"Resources":{"Role":{"Type":"AWS::IAM::Role","Properties":{"RoleName":"with-policy",
			"AssumeRolePolicyDocument":{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"states.amazonaws.com"}}]},
			"Policies":[{"PolicyName":"permissions","PolicyDocument":{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}}]}}}}`),
	})
	require.NoError(t, err)
	machine := createMachineUnder(t, "arn:aws:iam::123456789012:role/with-policy", distributed)

	got := execute(t, machine, `{"bucket":"for-role","run":"r","concurrency":1}`)

	assert.Equal(t, sfntypes.ExecutionStatusSucceeded, got.Status, aws.ToString(got.Cause))
}

// TestFunctionCode asserts that GetFunction locates the zip that the template names.
func TestFunctionCode(t *testing.T) {
	t.Parallel()
	createBucket(t, "code", map[string]string{"function.zip": ""})
	_, err := cloudformation.NewFromConfig(account).CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("with-function"), TemplateBody: aws.String(`{"Resources":{"Function":{"Type":"AWS::Lambda::Function","Properties":{"FunctionName":"zipped",
			"Runtime":"provided.al2023","Handler":"bootstrap","Role":"` + role + `","Code":{"S3Bucket":"code","S3Key":"function.zip"}}}}}`),
	})
	require.NoError(t, err)

	got, err := lambda.NewFromConfig(account).GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String("zipped")})

	require.NoError(t, err)
	location, err := url.Parse(*got.Code.Location)
	require.NoError(t, err)
	assert.Equal(t, "/code/function.zip", location.Path)
}

// TestPatternFromTemplate asserts that a rule's event pattern may be text in a
// template.
func TestPatternFromTemplate(t *testing.T) {
	t.Parallel()
	const pattern = `{"source":["test"],"detail":{"error":[null]}}`
	_, err := cloudformation.NewFromConfig(account).CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("with-rule"), TemplateBody: aws.String(fmt.Sprintf(
			`{"Resources":{"Rule":{"Type":"AWS::Events::Rule","Properties":{"Name":"by-text","EventPattern":%q}}}}`, pattern)),
	})
	require.NoError(t, err)

	got, err := eventbridge.NewFromConfig(account).DescribeRule(t.Context(), &eventbridge.DescribeRuleInput{Name: aws.String("by-text")})

	require.NoError(t, err)
	assert.JSONEq(t, pattern, *got.EventPattern)
}

// TestKeyFromTemplate updates a stack and changes the policy of its key, which stays
// the key of its topic.
func TestKeyFromTemplate(t *testing.T) {
	t.Parallel()
	stacks, name := cloudformation.NewFromConfig(account), aws.String("with-key")
	template := func(action string) *string {
		return aws.String(fmt.Sprintf(`{"Resources":{"Key":{"Type":"AWS::KMS::Key","Properties":{"KeyPolicy":{"Statement":[{"Action":%q}]}}},
			"Topic":{"Type":"AWS::SNS::Topic","Properties":{"TopicName":"with-key","DisplayName":%[1]q,"KmsMasterKeyId":{"Fn::GetAtt":["Key","Arn"]}}}},
			"Outputs":{"Key":{"Value":{"Fn::GetAtt":["Key","Arn"]}}}}`, action))
	}
	_, err := stacks.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: name, TemplateBody: template("kms:Encrypt")})
	require.NoError(t, err)
	before, err := stacks.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: name})
	require.NoError(t, err)

	_, err = stacks.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{StackName: name, TemplateBody: template("kms:Decrypt")})

	require.NoError(t, err)
	after, err := stacks.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: name})
	require.NoError(t, err)
	require.Len(t, after.Stacks[0].Outputs, 1)
	assert.Equal(t, before.Stacks[0].Outputs, after.Stacks[0].Outputs)
}
