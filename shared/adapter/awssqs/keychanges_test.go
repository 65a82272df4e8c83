package awssqs

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// fakeQueue is a queue of messages by receipt, in order. Those that were received are
// invisible.
type fakeQueue struct {
	bodies  []string // "" after a deletion
	next    int      // the first that was not received
	calls   int
	failure error
}

var _ client = (*fakeQueue)(nil)

func (q *fakeQueue) ReceiveMessage(_ context.Context, input *sqs.ReceiveMessageInput, _ ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	q.calls++
	output := &sqs.ReceiveMessageOutput{}
	for ; len(output.Messages) < int(input.MaxNumberOfMessages) && q.next < len(q.bodies); q.next++ {
		output.Messages = append(output.Messages, types.Message{Body: &q.bodies[q.next], ReceiptHandle: aws.String(fmt.Sprint(q.next))})
	}
	return output, q.failure
}

func (q *fakeQueue) DeleteMessageBatch(_ context.Context, input *sqs.DeleteMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	ids := map[string]bool{}
	for _, entry := range input.Entries {
		if ids[*entry.Id] || len(input.Entries) > 10 {
			return nil, &smithy.GenericAPIError{Code: "BatchEntryIdsNotDistinct"}
		}
		ids[*entry.Id] = true
		var i int
		_, _ = fmt.Sscan(*entry.ReceiptHandle, &i)
		q.bodies[i] = ""
	}
	return &sqs.DeleteMessageBatchOutput{}, q.failure
}

func event(parameter string) string {
	return fmt.Sprintf(`{"source":"aws.ssm","detail-type":"Parameter Store Change","detail":{"operation":"Update","name":%q,"type":"SecureString"}}`, parameter)
}

func keyChanges(q *fakeQueue) KeyChanges {
	return KeyChanges{client: q, queueURL: "https://queue", prefixes: []string{"/iam/access_key/", "/iam/secret_key/"}}
}

func TestReceive(t *testing.T) {
	t.Parallel()
	q := &fakeQueue{bodies: []string{event("/iam/access_key/alice"), event("/iam/secret_key/bob.x"), event("/other"), "{", `{"detail":{}}`}}
	got, err := keyChanges(q).Receive(t.Context(), true)
	require.NoError(t, err)
	assert.Equal(t, []discover.KeyChange{{Username: "alice", Receipt: "0"}, {Username: "bob.x", Receipt: "1"}, {Receipt: "2"}, {Receipt: "3"}, {Receipt: "4"}}, got)
	assert.Equal(t, 1, q.calls)
}

func TestReceiveAndDeleteInBatches(t *testing.T) {
	t.Parallel()
	q := &fakeQueue{}
	for i := range 10_023 {
		q.bodies = append(q.bodies, event(fmt.Sprintf("/iam/access_key/user%d", i)))
	}
	k := keyChanges(q)
	first, err := k.Receive(t.Context(), true)
	require.NoError(t, err)
	require.Len(t, first, 10_000, "the most of one run")
	require.NoError(t, k.Delete(t.Context(), first))
	rest, err := k.Receive(t.Context(), true)
	require.NoError(t, err)
	require.Len(t, rest, 23)
	assert.Equal(t, "user10022", rest[22].Username)
	require.NoError(t, k.Delete(t.Context(), rest))
	for _, body := range q.bodies {
		assert.Empty(t, body)
	}
}

func TestWithoutAQueue(t *testing.T) {
	t.Parallel()
	q := &fakeQueue{bodies: []string{event("/iam/access_key/alice")}}
	got, err := KeyChanges{client: q}.Receive(t.Context(), true)
	assert.NoError(t, err)
	assert.Empty(t, got)
	assert.Zero(t, q.calls)
}

func TestErrors(t *testing.T) {
	t.Parallel()
	q := &fakeQueue{failure: &smithy.GenericAPIError{Code: "AccessDenied", Message: "not authorized to perform: sqs:ReceiveMessage"}}
	_, err := keyChanges(q).Receive(t.Context(), true)
	assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
	q.bodies = []string{event("x")}
	assert.Equal(t, errkind.AccessDenied, errkind.Of(keyChanges(q).Delete(t.Context(), []discover.KeyChange{{Receipt: "0"}})))
}
