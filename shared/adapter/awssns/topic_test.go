package awssns

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// fakeTopic has one subscription a page.
type fakeTopic []types.Subscription

var _ sns.ListSubscriptionsByTopicAPIClient = fakeTopic(nil)

func (f fakeTopic) ListSubscriptionsByTopic(_ context.Context, input *sns.ListSubscriptionsByTopicInput, _ ...func(*sns.Options)) (*sns.ListSubscriptionsByTopicOutput, error) {
	if *input.TopicArn == "denied" {
		return nil, &smithy.GenericAPIError{Code: "AuthorizationError", Message: "not authorized to perform: sns:ListSubscriptionsByTopic"}
	}
	page := len(aws.ToString(input.NextToken))
	output := &sns.ListSubscriptionsByTopicOutput{}
	if page < len(f) {
		output.Subscriptions = f[page : page+1]
	}
	if page+1 < len(f) {
		output.NextToken = aws.String(aws.ToString(input.NextToken) + "+")
	}
	return output, nil
}

func subscription(protocol, endpoint, arn string) types.Subscription {
	return types.Subscription{Protocol: &protocol, Endpoint: &endpoint, SubscriptionArn: &arn}
}

func TestCountSubscriptions(t *testing.T) {
	t.Parallel()
	confirmed := subscription("email", "jane@example.org", "arn:aws:sns:us-east-1:123456789012:alerts:1")
	tests := []struct {
		name    string
		give    fakeTopic
		want    int
		wantErr string
	}{
		{"confirmed", fakeTopic{confirmed, confirmed}, 2, ""},
		{"deleted", fakeTopic{confirmed, subscription("email", "joe@example.org", "Deleted")}, 1, ""},
		{"none", nil, 0, "nobody is subscribed to topic"},
		{
			"not confirmed", fakeTopic{
				subscription("email", "joe@example.org", "PendingConfirmation"), confirmed,
				subscription("https", "https://example.org/?token=secret", "PendingConfirmation"),
			}, 1, "not confirmed: joe@example.org, https",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := CountSubscriptions(t.Context(), tt.give, "topic")
			assert.Equal(t, tt.want, got)
			if tt.wantErr == "" {
				assert.NoError(t, err)
				return
			}
			assert.EqualError(t, err, tt.wantErr)
			assert.Equal(t, errkind.Misconfigured, errkind.Of(err))
		})
	}
	_, err := CountSubscriptions(t.Context(), fakeTopic{}, "denied")
	assert.ErrorContains(t, err, "sns:ListSubscriptionsByTopic")
}
