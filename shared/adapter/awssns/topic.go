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

// CountSubscriptions returns how many subscriptions of the topic of that ARN are
// confirmed. It returns Misconfigured, with the mail addresses, if some are not, or if
// there is none.
func CountSubscriptions(ctx context.Context, client sns.ListSubscriptionsByTopicAPIClient, arn string) (confirmed int, err error) {
	var pending []string
	pages := sns.NewListSubscriptionsByTopicPaginator(client, &sns.ListSubscriptionsByTopicInput{TopicArn: &arn})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, awsapi.Classify(err)
		}
		for _, s := range page.Subscriptions {
			// One that has no ARN has a word in its place
			// (https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html).
			switch subscription := aws.ToString(s.SubscriptionArn); {
			case strings.HasPrefix(subscription, "arn:"):
				confirmed++
			case subscription == "PendingConfirmation":
				pending = append(pending, subscriber(s))
			}
		}
	}
	switch {
	case len(pending) > 0:
		return confirmed, errkind.Errorf(errkind.Misconfigured, "not confirmed: %s", strings.Join(pending, ", "))
	case confirmed == 0:
		return 0, errkind.Errorf(errkind.Misconfigured, "nobody is subscribed to %s", arn)
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
