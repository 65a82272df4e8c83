// Package awsevents reads rules of Amazon EventBridge.
package awsevents

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

type rulesClient interface {
	DescribeRule(context.Context, *eventbridge.DescribeRuleInput, ...func(*eventbridge.Options)) (*eventbridge.DescribeRuleOutput, error)
}

// CheckRuleEnabled returns Misconfigured if the rule of that name on the default event
// bus is disabled, or does not exist.
func CheckRuleEnabled(ctx context.Context, client rulesClient, name string) error {
	rule, err := client.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: &name})
	switch {
	case awsapi.Is(err, "ResourceNotFoundException"):
		return errkind.Errorf(errkind.Misconfigured, "there is no rule %s", name)
	case err != nil:
		return awsapi.Classify(err)
	case rule.State == types.RuleStateDisabled:
		return errkind.Errorf(errkind.Misconfigured, "the rule %s is disabled", name)
	}
	return nil
}
