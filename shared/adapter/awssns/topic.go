// Package awssns reads the subscriptions of an Amazon SNS topic.
package awssns

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Topic is a topic that people are subscribed to.
type Topic struct {
	client sns.ListSubscriptionsByTopicAPIClient
	arn    string
}

// NewTopic makes the Topic of that ARN.
func NewTopic(cfg aws.Config, arn string) Topic {
	return Topic{client: sns.NewFromConfig(cfg), arn: arn}
}

// CountSubscriptions returns how many subscriptions are confirmed. It returns
// Misconfigured, with the mail addresses, if some are not, or if there is none.
func (t Topic) CountSubscriptions(ctx context.Context) (confirmed int, err error) {
	var pending []string
	pages := sns.NewListSubscriptionsByTopicPaginator(t.client, &sns.ListSubscriptionsByTopicInput{TopicArn: &t.arn})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, awsapi.Classify(err)
		}
		for _, s := range page.Subscriptions {
			// One that has no ARN has a word in its place
			// (https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html).
			switch arn := aws.ToString(s.SubscriptionArn); {
			case strings.HasPrefix(arn, "arn:"):
				confirmed++
			case arn == "PendingConfirmation":
				pending = append(pending, subscriber(s))
			}
		}
	}
	switch {
	case len(pending) > 0:
		return confirmed, errkind.Errorf(errkind.Misconfigured, "not confirmed: %s", strings.Join(pending, ", "))
	case confirmed == 0:
		return 0, errkind.Errorf(errkind.Misconfigured, "nobody is subscribed to %s", t.arn)
	}
	return confirmed, nil
}

// subscriber returns the mail address of a subscription, or only the protocol of any
// other, because a URL may have a token in it.
func subscriber(s types.Subscription) string {
	if protocol := aws.ToString(s.Protocol); !strings.HasPrefix(protocol, "email") {
		return protocol
	}
	return aws.ToString(s.Endpoint)
}
