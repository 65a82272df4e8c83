package connectors_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/transfer"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local/connectors"
)

// lost is for Faults.Deliver.
func lost(connectors.Event) []time.Duration { return nil }

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := aws.String("/p")
	for _, want := range []*connectors.Refusal{connectors.Throttling, connectors.Unavailable, connectors.InternalError} {
		remove := w.service.Inject(&connectors.Faults{Refuse: func(connectors.Work) *connectors.Refusal { return want }})
		_, listErr := w.list(w.directory, 0)
		_, startErr := w.retrieve(w.directory)
		_, resultErr := w.transfer.ListFileTransferResults(t.Context(), &transfer.ListFileTransferResultsInput{ConnectorId: &w.connector, TransferId: aws.String("t")})
		_, moveErr := w.transfer.StartRemoteMove(t.Context(), &transfer.StartRemoteMoveInput{ConnectorId: &w.connector, SourcePath: path, TargetPath: path})
		_, deleteErr := w.transfer.StartRemoteDelete(t.Context(), &transfer.StartRemoteDeleteInput{ConnectorId: &w.connector, DeletePath: path})
		_, testErr := w.transfer.TestConnection(t.Context(), &transfer.TestConnectionInput{ConnectorId: &w.connector})
		for _, err := range []error{listErr, startErr, resultErr, moveErr, deleteErr, testErr} {
			var answer smithy.APIError
			require.ErrorAs(t, err, &answer)
			assert.Equal(t, want.Code, answer.ErrorCode())
		}
		remove()
	}
	_, err := w.list(w.directory, 0)
	require.NoError(t, err)
	w.receive(w.queueURL, 1)
}

func TestFailures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good, bad := w.write("good", "", modified), w.write("bad", "", modified)
	w.service.Inject(&connectors.Faults{Before: func(_ context.Context, work connectors.Work) *connectors.Failure {
		if work == (connectors.Work{Operation: "StartFileTransfer", ConnectorID: w.connector, Path: bad}) {
			return &connectors.Failure{Code: "SOME_CODE", Message: "some message"}
		}
		return nil
	}})
	id, err := w.retrieve(good, bad)
	require.NoError(t, err)
	assert.Equal(t, []types.ConnectorFileTransferResult{
		{FilePath: &good, StatusCode: types.TransferTableStatusCompleted},
		{FilePath: &bad, StatusCode: types.TransferTableStatusFailed, FailureCode: aws.String("SOME_CODE"), FailureMessage: aws.String("some message")},
	}, w.finish(id))
	for _, ended := range w.receive(w.queueURL, 2) {
		assert.Equal(t, strings.HasSuffix(ended.DetailType, "Failed"), ended.Detail["failure-code"] == "SOME_CODE")
	}
}

// Events are lost, come twice, and come in another order than the files.
func TestDeliveries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.update(types.SftpConnectorConfig{MaxConcurrentConnections: aws.Int32(1)})
	paths := []string{w.write("late", "", modified), w.write("lost", "", modified), w.write("twice", "", modified)}
	w.service.Inject(&connectors.Faults{Deliver: func(event connectors.Event) []time.Duration {
		switch event.Detail["file-path"] {
		case paths[0]:
			return []time.Duration{2 * time.Second}
		case paths[1]:
			return nil
		}
		return []time.Duration{0, 0}
	}})
	id, err := w.retrieve(paths...)
	require.NoError(t, err)
	for _, result := range w.finish(id) {
		assert.Equal(t, types.TransferTableStatusCompleted, result.StatusCode)
	}
	var order []any
	for _, ended := range w.receive(w.queueURL, 3) {
		order = append(order, ended.Detail["file-path"])
	}
	assert.Equal(t, []any{paths[2], paths[2], paths[0]}, order)
}

// A service that stops leaves nothing running, and its work without an end.
func TestStop(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gate := newGate()
	w.service.Inject(&connectors.Faults{Before: gate.hold})
	id, err := w.retrieve(w.directory + "/none")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return gate.waiting.Load() == 1 }, timeout, interval)

	w.service.Stop()

	assert.Equal(t, types.TransferTableStatusInProgress, w.results(id)[0].StatusCode)
	_, err = w.retrieve(w.directory + "/none")
	throttled(t, err)
}

// The server is down for some of the files. The connector logs in anew for the others.
func TestServerDown(t *testing.T) {
	w := newWorld(t) // alone, because the server is everybody's
	w.update(types.SftpConnectorConfig{MaxConcurrentConnections: aws.Int32(1)})
	paths := []string{w.write("before", "1", modified), w.write("during", "2", modified), w.write("after", "3", modified)}
	w.service.Inject(&connectors.Faults{Before: func(_ context.Context, work connectors.Work) *connectors.Failure {
		w.partner.SetDown(work.Path == paths[1])
		return nil
	}})
	defer w.partner.SetDown(false)
	id, err := w.retrieve(paths...)
	require.NoError(t, err)

	var codes []string
	for _, result := range w.finish(id) {
		codes = append(codes, aws.ToString(result.FailureCode))
	}
	assert.Equal(t, []string{"", "CONNECTION_ERROR", ""}, codes)
}
