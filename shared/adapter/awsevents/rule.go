// Package awsevents reads rules of Amazon EventBridge.
package awsevents

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Rule is a rule of the default event bus.
type Rule struct {
	client rulesClient
	name   string
}

type rulesClient interface {
	DescribeRule(context.Context, *eventbridge.DescribeRuleInput, ...func(*eventbridge.Options)) (*eventbridge.DescribeRuleOutput, error)
}

// NewRule makes the Rule of that name.
func NewRule(cfg aws.Config, name string) Rule {
	return Rule{client: eventbridge.NewFromConfig(cfg), name: name}
}

// CheckEnabled returns Misconfigured if the rule is disabled, or does not exist.
func (r Rule) CheckEnabled(ctx context.Context) error {
	rule, err := r.client.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: &r.name})
	var notFound *types.ResourceNotFoundException
	switch {
	case errors.As(err, &notFound):
		return errkind.Errorf(errkind.Misconfigured, "there is no rule %s", r.name)
	case err != nil:
		return awsapi.Classify(err)
	case rule.State == types.RuleStateDisabled:
		return errkind.Errorf(errkind.Misconfigured, "the rule %s is disabled", r.name)
	}
	return nil
}
