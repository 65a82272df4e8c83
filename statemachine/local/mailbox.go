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

// createMailboxes creates a queue for each system.
func (c *Cloud) createMailboxes(ctx context.Context) error {
	for _, s := range c.systems {
		queue, err := sqs.NewFromConfig(c.AWS()).CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &s.mailbox})
		if err != nil {
			return fmt.Errorf("create queue %s: %w", s.mailbox, err)
		}
		c.Deployments[s.name].MailboxURL = *queue.QueueUrl
	}
	return nil
}

// subscribeMailbox subscribes the mailbox of a system to its topic, unless it is
// subscribed.
func (c *Cloud) subscribeMailbox(ctx context.Context, s *system) error {
	_, err := sns.NewFromConfig(c.AWS()).Subscribe(ctx, &sns.SubscribeInput{
		TopicArn: &c.Deployments[s.name].Outputs.TopicArn, Protocol: aws.String("sqs"),
		Endpoint: aws.String("arn:aws:sqs:" + Region + ":" + AccountID + ":" + s.mailbox),
	})
	if err != nil {
		return fmt.Errorf("subscribe queue %s: %w", s.mailbox, err)
	}
	return nil
}

// ReceiveMails returns the mails of the first system since its last call, oldest first.
func (a *Addresses) ReceiveMails(ctx context.Context) ([]Mail, error) {
	return ReceiveMails(ctx, a.AWS(), a.MailboxURL)
}

// ReceiveMails returns the mails of a mailbox since the last call, oldest first.
func ReceiveMails(ctx context.Context, cfg aws.Config, mailboxURL string) ([]Mail, error) {
	queues := sqs.NewFromConfig(cfg)
	var mails []Mail
	for {
		got, err := queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &mailboxURL, MaxNumberOfMessages: 10,
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
				QueueUrl: &mailboxURL, ReceiptHandle: message.ReceiptHandle,
			})
			if err != nil {
				return mails, err
			}
		}
	}
}
