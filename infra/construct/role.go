package construct

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Permission is what a role may do, or may not: actions on resources.
type Permission struct {
	Actions   []string
	Resources []*string
	// Conditions are in IAM's form; none by default.
	Conditions map[string]any
	Deny       bool
}

// AnyResource is the `*` of actions that know no narrower resource. Each use says
// why there is none.
var AnyResource = []*string{jsii.String("*")}

// RoleProps is what differs from role to role.
type RoleProps struct {
	// Service is the one that assumes the role.
	Service string
	// Source matches the ARNs for which the service may assume the role; nil for any of
	// the account's.
	Source      *string
	Permissions []Permission
}

// NewRole creates a role for a service. Its permissions are inline, so that they
// exist as soon as the role does, and can be read in one place.
func NewRole(scope constructs.Construct, id string, props *RoleProps) awsiam.Role {
	var statements []awsiam.PolicyStatement
	for _, p := range props.Permissions {
		effect := awsiam.Effect_ALLOW
		if p.Deny {
			effect = awsiam.Effect_DENY
		}
		statements = append(statements, awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Effect:     effect,
			Actions:    jsii.Strings(p.Actions...),
			Resources:  &p.Resources,
			Conditions: &p.Conditions,
		}))
	}
	return awsiam.NewRole(scope, &id, &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(&props.Service, trustConditions(scope, props)),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"permissions": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &statements}),
		},
	})
}

// trustConditions keep a service from assuming the role for another account
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html). Lambda
// names no account when it assumes a role.
func trustConditions(scope constructs.Construct, props *RoleProps) *awsiam.ServicePrincipalOpts {
	if props.Service == "lambda.amazonaws.com" {
		return nil
	}
	conditions := map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Stack_Of(scope).Account()}}
	if props.Source != nil {
		conditions["ArnLike"] = map[string]any{"aws:SourceArn": props.Source}
	}
	return &awsiam.ServicePrincipalOpts{Conditions: &conditions}
}
