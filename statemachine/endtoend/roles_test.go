package endtoend

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/stretchr/testify/require"
)

// roleOfFunction returns a function that returns a Lambda function's role.
func roleOfFunction(function string) func(testing.TB) string {
	return func(t testing.TB) string {
		t.Helper()
		got, err := lambda.NewFromConfig(cloud.AWS()).GetFunctionConfiguration(t.Context(), &lambda.GetFunctionConfigurationInput{FunctionName: &function})
		require.NoError(t, err)
		return *got.Role
	}
}

// roleOfWorkflow returns the state machine's role.
func roleOfWorkflow(t testing.TB) string {
	t.Helper()
	got, err := sfn.NewFromConfig(cloud.AWS()).DescribeStateMachine(t.Context(), &sfn.DescribeStateMachineInput{StateMachineArn: &cloud.Outputs.StateMachineArn})
	require.NoError(t, err)
	return *got.RoleArn
}

// policy is the inline policy of a deployed role.
type policy struct {
	Version   string
	Statement []statement
}

type statement struct {
	Effect           string
	Action, Resource oneOrMore
	Condition        map[string]any `json:",omitempty"`
}

// without returns what is left of a statement without an action on the resources
// with that suffix.
func (s statement) without(action, resource string) (left []statement) {
	if !slices.Contains(s.Action, action) {
		return []statement{s}
	}
	others, rest := s, s
	others.Action = slices.DeleteFunc(slices.Clone(s.Action), func(a string) bool { return a == action })
	rest.Action = []string{action}
	rest.Resource = slices.DeleteFunc(slices.Clone(s.Resource), func(r string) bool { return strings.HasSuffix(r, resource) })
	for _, part := range []statement{others, rest} {
		if len(part.Action) > 0 && len(part.Resource) > 0 {
			left = append(left, part)
		}
	}
	return left
}

// oneOrMore is a string or a list of strings.
type oneOrMore []string

func (o *oneOrMore) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*o = oneOrMore{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(o))
}

// removePermission removes an action on the resources with that suffix from a
// role's policy until the test has ended.
func removePermission(t testing.TB, roleARN, action, resource string) {
	t.Helper()
	roles := iam.NewFromConfig(cloud.AWS())
	role, name := roleARN[strings.LastIndexByte(roleARN, '/')+1:], "permissions"
	got, err := roles.GetRolePolicy(t.Context(), &iam.GetRolePolicyInput{RoleName: &role, PolicyName: &name})
	require.NoError(t, err)
	deployed, err := url.PathUnescape(*got.PolicyDocument)
	require.NoError(t, err)
	var p policy
	require.NoError(t, json.Unmarshal([]byte(deployed), &p))
	// A policy must have a statement.
	left := []statement{{Effect: "Deny", Action: oneOrMore{"sts:AssumeRole"}, Resource: oneOrMore{"*"}}}
	for _, s := range p.Statement {
		left = append(left, s.without(action, resource)...)
	}
	require.NotEqual(t, p.Statement, left[1:], "the role may %s on …%s", action, resource)
	p.Statement = left
	narrowed, err := json.Marshal(p)
	require.NoError(t, err)

	set := func(ctx context.Context, document string) {
		t.Helper()
		_, err := roles.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &role, PolicyName: &name, PolicyDocument: &document})
		require.NoError(t, err)
	}
	set(t.Context(), string(narrowed))
	t.Cleanup(func() { set(context.WithoutCancel(t.Context()), deployed) })
}
