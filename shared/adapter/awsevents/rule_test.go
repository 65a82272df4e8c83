package awsevents

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// fakeRules has the state of rules by name.
type fakeRules map[string]types.RuleState

var _ rulesClient = fakeRules(nil)

func (f fakeRules) DescribeRule(_ context.Context, input *eventbridge.DescribeRuleInput, _ ...func(*eventbridge.Options)) (*eventbridge.DescribeRuleOutput, error) {
	state, ok := f[*input.Name]
	switch {
	case *input.Name == "denied":
		return nil, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not authorized to perform: events:DescribeRule"}
	case !ok:
		return nil, &types.ResourceNotFoundException{}
	}
	return &eventbridge.DescribeRuleOutput{State: state}, nil
}

func TestCheckRuleEnabled(t *testing.T) {
	t.Parallel()
	rules := fakeRules{"on": types.RuleStateEnabled, "off": types.RuleStateDisabled}
	tests := []struct {
		name string
		want errkind.Kind
		text string
	}{
		{"off", errkind.Misconfigured, "the rule off is disabled"},
		{"absent", errkind.Misconfigured, "there is no rule absent"},
		{"denied", errkind.AccessDenied, "events:DescribeRule"},
	}
	for _, tt := range tests {
		err := CheckRuleEnabled(t.Context(), rules, tt.name)
		assert.Equal(t, tt.want, errkind.Of(err))
		assert.ErrorContains(t, err, tt.text)
	}
	assert.NoError(t, CheckRuleEnabled(t.Context(), rules, "on"))
}
