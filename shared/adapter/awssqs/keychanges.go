// Package awssqs receives events from Amazon SQS.
package awssqs

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/discover"
)

const (
	// batchSize is the most messages that one call receives or deletes
	// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html).
	batchSize = 10
	// maxBatches bounds what one run takes: both keys of 5,000 users, the most that an
	// AWS account has. The next run takes more.
	maxBatches = 1000
	// waitSeconds is how long SQS waits for a message if it may. It then asks all of its
	// servers, and not a sample that may have no message though there is one
	// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html).
	waitSeconds = 1
)

// KeyChanges receives Parameter Store's events about the keys of users from a queue.
type KeyChanges struct {
	client   client
	queueURL string
	prefixes []string
}

type client interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
}

var _ discover.KeyChanges = KeyChanges{}

// NewKeyChanges makes the KeyChanges of a queue. The prefixes precede a username in the
// name of a parameter. Without the URL of a queue, nothing is ever received.
func NewKeyChanges(cfg aws.Config, queueURL string, prefixes ...string) KeyChanges {
	return KeyChanges{client: sqs.NewFromConfig(cfg), queueURL: queueURL, prefixes: prefixes}
}

// Receive returns up to 10,000 changes. Unless it may wait, some may be missing. They are
// received again, after the queue's visibility timeout, unless they are deleted. A message
// that is about nobody's keys has no username.
func (k KeyChanges) Receive(ctx context.Context, wait bool) ([]discover.KeyChange, error) {
	var changes []discover.KeyChange
	var seconds int32
	if wait {
		seconds = waitSeconds
	}
	for range maxBatches {
		if k.queueURL == "" {
			break
		}
		output, err := k.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &k.queueURL, MaxNumberOfMessages: batchSize, WaitTimeSeconds: seconds,
		})
		if err != nil {
			return changes, awsapi.Classify(err)
		}
		for _, message := range output.Messages {
			changes = append(changes, discover.KeyChange{Username: k.username(message), Receipt: aws.ToString(message.ReceiptHandle)})
		}
		if len(output.Messages) < batchSize {
			break
		}
	}
	return changes, nil
}

// username returns whose keys the event of a message is about; "" if nobody's.
func (k KeyChanges) username(message types.Message) string {
	// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html
	var event struct {
		Detail struct {
			Name string `json:"name"`
		} `json:"detail"`
	}
	if json.Unmarshal([]byte(aws.ToString(message.Body)), &event) != nil {
		return ""
	}
	for _, prefix := range k.prefixes {
		if username, ok := strings.CutPrefix(event.Detail.Name, prefix); ok {
			return username
		}
	}
	return ""
}

// Delete deletes changes from the queue. It ignores those that can't be deleted, which
// are received once more.
func (k KeyChanges) Delete(ctx context.Context, changes []discover.KeyChange) error {
	for len(changes) > 0 {
		batch := changes[:min(len(changes), batchSize)]
		changes = changes[len(batch):]
		input := &sqs.DeleteMessageBatchInput{QueueUrl: &k.queueURL}
		for i, change := range batch {
			input.Entries = append(input.Entries, types.DeleteMessageBatchRequestEntry{
				Id: aws.String(string(rune('0' + i))), ReceiptHandle: &change.Receipt,
			})
		}
		if _, err := k.client.DeleteMessageBatch(ctx, input); err != nil {
			return awsapi.Classify(err)
		}
	}
	return nil
}
