package local

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Mail is a message of the topic, as a subscribed mail address receives it.
type Mail struct {
	Subject, Message string
}

// mailbox is the queue that stands for the mail addresses of a deployment.
const mailbox = "mailbox"

func (c *Cloud) createMailbox(ctx context.Context) error {
	queue, err := sqs.NewFromConfig(c.AWS()).CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String(mailbox)})
	if err != nil {
		return fmt.Errorf("create queue %s: %w", mailbox, err)
	}
	c.MailboxURL = *queue.QueueUrl
	return nil
}

// subscribeMailbox subscribes the mailbox to the topic, unless it is subscribed.
func (c *Cloud) subscribeMailbox(ctx context.Context) error {
	_, err := sns.NewFromConfig(c.AWS()).Subscribe(ctx, &sns.SubscribeInput{
		TopicArn: &c.Outputs.TopicArn, Protocol: aws.String("sqs"),
		Endpoint: aws.String("arn:aws:sqs:" + Region + ":" + AccountID + ":" + mailbox),
	})
	if err != nil {
		return fmt.Errorf("subscribe queue %s: %w", mailbox, err)
	}
	return nil
}

// ReceiveMails returns the mails since its last call, oldest first.
func (a *Addresses) ReceiveMails(ctx context.Context) ([]Mail, error) {
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
