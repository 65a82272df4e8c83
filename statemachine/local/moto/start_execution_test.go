package moto_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRetrySpeed(t *testing.T) {
	t.Parallel()
	machine := createMachine(t, `{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::sns:publish","End":true,
		"Parameters":{"TopicArn":"arn:aws:sns:us-east-1:123456789012:nowhere","Message":"m"},
		"Retry":[{"ErrorEquals":["States.ALL"],"IntervalSeconds":3600,"MaxAttempts":1}]}}}`)

	ended := execute(t, machine, `{}`)

	assert.Equal(t, sfntypes.ExecutionStatusFailed, ended.Status)
}

func TestTaskStartsExecution(t *testing.T) {
	t.Parallel()
	other := createMachine(t, `{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}`)
	t.Run("task", func(t *testing.T) {
		machine := createMachine(t, strings.ReplaceAll(`{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::states:startExecution",
		"Parameters":{"StateMachineArn":"OTHER","Input":{"n":1}},"ResultPath":null,"End":true}}}`, "OTHER", other))

		ended := execute(t, machine, `{}`)
		require.Equal(t, sfntypes.ExecutionStatusSucceeded, ended.Status, aws.ToString(ended.Cause))
	})
	started, err := sfn.NewFromConfig(account).ListExecutions(t.Context(), &sfn.ListExecutionsInput{StateMachineArn: &other})
	require.NoError(t, err)
	require.Len(t, started.Executions, 1)
	assert.JSONEq(t, `{"n":1}`, *finish(t, *started.Executions[0].ExecutionArn).Input)
}
