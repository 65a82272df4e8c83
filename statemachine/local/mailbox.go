package local

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Mail is what the topic published, as an address that subscribed to it would
// get it.
type Mail struct {
	Subject, Message string
}

const mailbox = "mailbox"

// openMailbox makes a queue for mail: nobody's own can be read here.
func (c *Cloud) openMailbox(ctx context.Context) error {
	name := mailbox
	queue, err := sqs.NewFromConfig(c.AWS()).CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name})
	if err != nil {
		return fmt.Errorf("create queue %s: %w", mailbox, err)
	}
	c.MailboxURL = *queue.QueueUrl
	return nil
}

// subscribe has the topic's mail come to the mailbox, once however often it is
// asked for.
func (c *Cloud) subscribe(ctx context.Context) error {
	protocol, endpoint := "sqs", "arn:aws:sqs:"+Region+":"+AccountID+":"+mailbox
	_, err := sns.NewFromConfig(c.AWS()).Subscribe(ctx, &sns.SubscribeInput{
		TopicArn: &c.Outputs.TopicArn, Protocol: &protocol, Endpoint: &endpoint,
	})
	if err != nil {
		return fmt.Errorf("subscribe queue %s: %w", mailbox, err)
	}
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
