package moto_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// distributed maps over the items of an object; the item 3 fails.
const distributed = `{"StartAt":"Each","States":{"Each":{"Type":"Map","End":true,"ToleratedFailurePercentage":100.0,
  "ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"JSON"},"Parameters":{"Bucket.$":"$.bucket","Key":"items.json"}},
  "ItemSelector":{"run.$":"$.run","item.$":"$$.Map.Item.Value"},"MaxConcurrencyPath":"$.concurrency",
  "ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"Which?","States":{
    "Which?":{"Type":"Choice","Choices":[{"Variable":"$.item","NumericEquals":3,"Next":"No"}],"Default":"Yes"},
    "Yes":{"Type":"Pass","End":true},"No":{"Type":"Fail","Error":"Three","Cause":"is one too many"}}},
  "ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket.$":"$.bucket","Prefix.$":"States.Format('runs/{}',$.run)"}}}}}`

type manifest struct {
	DestinationBucket, MapRunArn string
	ResultFiles                  map[string][]struct {
		Key  string
		Size int
	}
}

type childResult struct {
	ExecutionArn, StateMachineArn, Name, Status, StartDate, StopDate string
	Input, Output, Error, Cause                                      string
	InputDetails                                                     struct{ Included bool }
}

func TestDistributedMap(t *testing.T) {
	t.Parallel()
	createBucket(t, "items", map[string]string{"items.json": "[1,2,3,4]"})
	machine := createMachine(t, distributed)

	got := execute(t, machine, `{"bucket":"items","run":"r1","concurrency":2}`)

	require.Equal(t, sfntypes.ExecutionStatusSucceeded, got.Status, aws.ToString(got.Cause))
	var output struct {
		MapRunArn           string
		ResultWriterDetails struct{ Bucket, Key string }
	}
	require.NoError(t, json.Unmarshal([]byte(*got.Output), &output))
	mapRun := output.MapRunArn[strings.LastIndexByte(output.MapRunArn, ':')+1:]
	assert.Equal(t, "items", output.ResultWriterDetails.Bucket)
	assert.Equal(t, "runs/r1/"+mapRun+"/manifest.json", output.ResultWriterDetails.Key)

	var m manifest
	read(t, "items", output.ResultWriterDetails.Key, &m)
	assert.Equal(t, "items", m.DestinationBucket)
	assert.Equal(t, output.MapRunArn, m.MapRunArn)
	require.Len(t, m.ResultFiles["SUCCEEDED"], 1)
	require.Len(t, m.ResultFiles["FAILED"], 1)
	assert.Empty(t, m.ResultFiles["PENDING"])

	var succeeded, failed []childResult
	read(t, "items", m.ResultFiles["SUCCEEDED"][0].Key, &succeeded)
	read(t, "items", m.ResultFiles["FAILED"][0].Key, &failed)
	var outputs []string
	for _, child := range succeeded {
		assert.Equal(t, "SUCCEEDED", child.Status)
		assert.True(t, child.InputDetails.Included)
		outputs = append(outputs, child.Output)
	}
	slices.Sort(outputs)
	assert.Equal(t, []string{`{"run":"r1","item":1}`, `{"run":"r1","item":2}`, `{"run":"r1","item":4}`}, outputs)
	require.Len(t, failed, 1)
	assert.Equal(t, `{"run":"r1","item":3}`, failed[0].Input)
	assert.Equal(t, []string{"FAILED", "Three", "is one too many"}, []string{failed[0].Status, failed[0].Error, failed[0].Cause})

	machines := sfn.NewFromConfig(account)
	run, err := machines.DescribeMapRun(t.Context(), &sfn.DescribeMapRunInput{MapRunArn: &output.MapRunArn})
	require.NoError(t, err)
	assert.EqualValues(t, 2, run.MaxConcurrency)
	assert.Equal(t, []int64{4, 3, 1, 0, 0}, []int64{
		run.ItemCounts.Total, run.ItemCounts.Succeeded, run.ItemCounts.Failed, run.ItemCounts.Pending, run.ItemCounts.Running,
	})
	children, err := machines.ListExecutions(t.Context(), &sfn.ListExecutionsInput{MapRunArn: &output.MapRunArn})
	require.NoError(t, err)
	assert.Len(t, children.Executions, 4)
	history, err := machines.GetExecutionHistory(t.Context(), &sfn.GetExecutionHistoryInput{ExecutionArn: &failed[0].ExecutionArn})
	require.NoError(t, err)
	var events []sfntypes.HistoryEventType
	for _, event := range history.Events {
		events = append(events, event.Type)
	}
	assert.Equal(t, []sfntypes.HistoryEventType{
		sfntypes.HistoryEventTypeExecutionStarted, sfntypes.HistoryEventTypeChoiceStateEntered, sfntypes.HistoryEventTypeChoiceStateExited,
		sfntypes.HistoryEventTypeFailStateEntered, sfntypes.HistoryEventTypeExecutionFailed,
	}, events)
}

// TestExpressMap asserts that a map's child executions may be Express: they have no
// history and no events, and the same results as others.
func TestExpressMap(t *testing.T) {
	t.Parallel()
	createBucket(t, "express", map[string]string{"items.json": "[1,2,3]"})
	machine := createMachine(t, strings.NewReplacer(`"STANDARD"`, `"EXPRESS"`, `"Type":"Map"`, `"Type":"Map","Label":"each"`).Replace(distributed))
	topic, queue := mailbox(t, "express-children")
	follow(t, "express-children", machine+"/each", topic)

	got := execute(t, machine, `{"bucket":"express","run":"r","concurrency":2}`)

	require.Equal(t, sfntypes.ExecutionStatusSucceeded, got.Status, aws.ToString(got.Cause))
	var output struct {
		MapRunArn           string
		ResultWriterDetails struct{ Bucket, Key string }
	}
	require.NoError(t, json.Unmarshal([]byte(*got.Output), &output))
	var m manifest
	read(t, "express", output.ResultWriterDetails.Key, &m)
	require.Len(t, m.ResultFiles["SUCCEEDED"], 1)
	require.Len(t, m.ResultFiles["FAILED"], 1)
	var succeeded []childResult
	read(t, "express", m.ResultFiles["SUCCEEDED"][0].Key, &succeeded)
	require.Len(t, succeeded, 2)
	machines := sfn.NewFromConfig(account)
	for _, child := range succeeded {
		assert.Equal(t, machine+"/each", child.StateMachineArn)
		assert.True(t, strings.HasPrefix(child.ExecutionArn, strings.Replace(machine, ":stateMachine:", ":express:", 1)+"/each:"), child.ExecutionArn)
		_, err := machines.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &child.ExecutionArn})
		var refused *sfntypes.InvalidArn
		assert.ErrorAs(t, err, &refused)
	}
	children, err := machines.ListExecutions(t.Context(), &sfn.ListExecutionsInput{MapRunArn: &output.MapRunArn})
	require.NoError(t, err)
	assert.Empty(t, children.Executions)
	assert.Empty(t, published(t, queue))
}

// TestDescribeMapRun describes a map run while executions start.
func TestDescribeMapRun(t *testing.T) {
	t.Parallel()
	createBucket(t, "described", map[string]string{"items.json": "[1]"})
	machines := sfn.NewFromConfig(account)
	// moto looks through this one's executions first, and takes a while to parse it.
	var states []string
	for i := range 100 {
		states = append(states, fmt.Sprintf(`"S%d":{"Type":"Pass","End":true}`, i))
	}
	earlier := createMachine(t, `{"StartAt":"S0","States":{`+strings.Join(states, ",")+`}}`)
	var first *sfn.DescribeExecutionOutput
	t.Run("map", func(t *testing.T) {
		first = execute(t, createMachine(t, distributed), `{"bucket":"described","run":"r","concurrency":1}`)
	})
	runs, err := machines.ListMapRuns(t.Context(), &sfn.ListMapRunsInput{ExecutionArn: first.ExecutionArn})
	require.NoError(t, err)
	require.Len(t, runs.MapRuns, 1)

	const others = 10
	started := make(chan error, others)
	for range others {
		go func() {
			_, err := machines.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: &earlier})
			started <- err
		}()
	}
	once := func(o *sfn.Options) { o.RetryMaxAttempts = 1 }
	for n := 0; n < others; {
		_, err := machines.DescribeMapRun(t.Context(), &sfn.DescribeMapRunInput{MapRunArn: runs.MapRuns[0].MapRunArn}, once)
		require.NoError(t, err)
		select {
		case err := <-started:
			require.NoError(t, err)
			n++
		default:
		}
	}
}

func TestMapErrors(t *testing.T) {
	t.Parallel()
	createBucket(t, "few-items", map[string]string{"items.json": "[1]"})
	machine := createMachine(t, strings.Replace(distributed, `"Bucket.$":"$.bucket","Prefix`, `"Bucket":"nowhere","Prefix`, 1))
	tests := []struct {
		name, give, want string
	}{
		{name: "reader", give: `{"bucket":"no-such","run":"r","concurrency":1}`, want: "States.ItemReaderFailed"},
		{name: "writer", give: `{"bucket":"few-items","run":"r","concurrency":1}`, want: "States.ResultWriterFailed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, machine, tt.give)

			assert.Equal(t, sfntypes.ExecutionStatusFailed, got.Status)
			assert.Equal(t, tt.want, aws.ToString(got.Error))
		})
	}
}

// TestMapRole asserts that a map works under its state machine's role.
func TestMapRole(t *testing.T) {
	t.Parallel()
	createBucket(t, "map-role", map[string]string{"items.json": "[1]"})
	start := allow("states:StartExecution", "arn:aws:states:us-east-1:123456789012:stateMachine:TestMapRole-*")
	read, write := allow("s3:GetObject", "arn:aws:s3:::map-role/items.json"), allow("s3:PutObject", "arn:aws:s3:::map-role/runs/*")
	tests := []struct {
		name  string
		give  []statement
		error string
		cause string
	}{
		{name: "all", give: []statement{start, read, write}},
		{name: "no start", give: []statement{read, write}, error: "States.Runtime", cause: "perform: states:StartExecution on resource"},
		{name: "no reading", give: []statement{start, write}, error: "States.ItemReaderFailed", cause: "perform: s3:GetObject on resource: arn:aws:s3:::map-role/items.json"},
		{name: "no writing", give: []statement{start, read}, error: "States.ResultWriterFailed", cause: "perform: s3:PutObject on resource: arn:aws:s3:::map-role/runs/r/"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			machine := createMachineUnder(t, roleOf(t, tt.give...), distributed)

			got := execute(t, machine, `{"bucket":"map-role","run":"r","concurrency":1}`)

			assert.Equal(t, tt.error, aws.ToString(got.Error))
			assert.Contains(t, aws.ToString(got.Cause), tt.cause)
		})
	}
}

func read(t *testing.T, bucket, key string, into any) {
	t.Helper()
	object, err := s3.NewFromConfig(account).GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	require.NoError(t, err)
	defer object.Body.Close()
	require.NoError(t, json.NewDecoder(object.Body).Decode(into))
}
