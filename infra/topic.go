package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// NewTopic makes the topic that failures are published to, and subscribes the
// people to be told. Each has to confirm the mail that AWS sends first.
func NewTopic(scope constructs.Construct, settings *Settings, names *names) awssns.Topic {
	topic := awssns.NewTopic(scope, jsii.String("Topic"), &awssns.TopicProps{
		TopicName:   names.of("alerts"),
		DisplayName: &settings.StackName,
		EnforceSSL:  jsii.Bool(true),
	})
	for _, address := range settings.AlertEmails {
		awssns.NewSubscription(scope, jsii.String("Mail to "+address), &awssns.SubscriptionProps{
			Topic:    topic,
			Protocol: awssns.SubscriptionProtocol_EMAIL,
			Endpoint: &address,
		})
	}
	return topic
}
