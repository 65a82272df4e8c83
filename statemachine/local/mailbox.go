package local

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Mail is what the topic published, as an address that subscribed to it would
// get it.
type Mail struct {
	Subject, Message string
}

// openMailbox subscribes a queue to the topic: nobody's mail can be read here.
func (c *Cloud) openMailbox(ctx context.Context) error {
	queues := sqs.NewFromConfig(c.AWS())
	name, protocol, attribute := "mailbox", "sqs", sqstypes.QueueAttributeNameQueueArn
	queue, err := queues.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name})
	if err != nil {
		return fmt.Errorf("create queue %s: %w", name, err)
	}
	attributes, err := queues.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: queue.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{attribute},
	})
	if err != nil {
		return fmt.Errorf("read queue %s: %w", name, err)
	}
	arn := attributes.Attributes[string(attribute)]
	_, err = sns.NewFromConfig(c.AWS()).Subscribe(ctx, &sns.SubscribeInput{
		TopicArn: &c.Outputs.TopicArn, Protocol: &protocol, Endpoint: &arn,
	})
	if err != nil {
		return fmt.Errorf("subscribe queue %s: %w", name, err)
	}
	c.MailboxURL = *queue.QueueUrl
	return nil
}

// Mails takes the mails that came since it was last asked, oldest first.
func (a *Addresses) Mails(ctx context.Context) ([]Mail, error) {
	queues := sqs.NewFromConfig(a.AWS())
	var mails []Mail
	for {
		got, err := queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &a.MailboxURL, MaxNumberOfMessages: 10,
		})
		if err != nil || len(got.Messages) == 0 {
			return mails, err
		}
		for _, message := range got.Messages {
			var mail Mail
			if err := json.Unmarshal([]byte(*message.Body), &mail); err != nil {
				return mails, fmt.Errorf("mail: %w", err)
			}
			mails = append(mails, mail)
			_, err := queues.DeleteMessage(ctx, &sqs.DeleteMessageInput{
				QueueUrl: &a.MailboxURL, ReceiptHandle: message.ReceiptHandle,
			})
			if err != nil {
				return mails, err
			}
		}
	}
}
