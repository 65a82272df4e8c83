package moto_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stack has a state machine whose definition is filled in by the deployment.
const stack = `{"Resources":{"Machine":{"Type":"AWS::StepFunctions::StateMachine","Properties":{
  "StateMachineName":"from-template","RoleArn":"` + role + `",
  "DefinitionString":"{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"Result\":{\"said\":\"${Said}\"},\"End\":true}}}",
  "DefinitionSubstitutions":{"Said":%q},"LoggingConfiguration":{"Level":"ALL"},"TracingConfiguration":{"Enabled":true},
  "Tags":[{"Key":"k","Value":"v"}]}}},
  "Outputs":{"Arn":{"Value":{"Ref":"Machine"}}}}`

func TestStackWithStateMachine(t *testing.T) {
	t.Parallel()
	stacks, machines := cloudformation.NewFromConfig(account), sfn.NewFromConfig(account)

	arn := deploy(t, stacks, cfntypes.ChangeSetTypeCreate, "hello")
	assert.JSONEq(t, `{"said":"hello"}`, *execute(t, arn, `{}`).Output)
	machine, err := machines.DescribeStateMachine(t.Context(), &sfn.DescribeStateMachineInput{StateMachineArn: &arn})
	require.NoError(t, err)
	assert.Equal(t, sfntypes.LogLevelAll, machine.LoggingConfiguration.Level)
	assert.True(t, machine.TracingConfiguration.Enabled)

	assert.Equal(t, arn, deploy(t, stacks, cfntypes.ChangeSetTypeUpdate, "goodbye"))
	assert.JSONEq(t, `{"said":"goodbye"}`, *execute(t, arn, `{}`).Output)

	_, err = stacks.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("stack")})
	require.NoError(t, err)
	_, err = machines.DescribeStateMachine(t.Context(), &sfn.DescribeStateMachineInput{StateMachineArn: &arn})
	var none *sfntypes.StateMachineDoesNotExist
	assert.ErrorAs(t, err, &none)
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
