package awssqs

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
)

// CountMessages returns about how many messages the queue of that name has.
func CountMessages(ctx context.Context, client *sqs.Client, name string) (int, error) {
	queue, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	if err != nil {
		return 0, awsapi.Classify(err)
	}
	const attribute = types.QueueAttributeNameApproximateNumberOfMessages
	attributes, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: queue.QueueUrl, AttributeNames: []types.QueueAttributeName{attribute},
	})
	if err != nil {
		return 0, awsapi.Classify(err)
	}
	return strconv.Atoi(attributes.Attributes[string(attribute)])
}
