package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// permission is what a role may do: actions on resources.
type permission struct {
	Actions   []string
	Resources []*string
	// Conditions narrow the permission; none by default.
	Conditions map[string]any
}

// everything is the `*` of actions that know no narrower resource. Each use
// says why it has to be.
var everything = jsii.String("*")

// NewRole makes a role that a service takes on. Its permissions stand in the
// role itself and nowhere else, so that they exist as soon as the role does and
// can be read in one place.
func NewRole(scope constructs.Construct, id, service string, permissions []permission) awsiam.Role {
	var statements []awsiam.PolicyStatement
	for _, p := range permissions {
		statements = append(statements, awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions:    jsii.Strings(p.Actions...),
			Resources:  &p.Resources,
			Conditions: &p.Conditions,
		}))
	}
	return awsiam.NewRole(scope, &id, &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(&service, nil),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"permissions": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &statements}),
		},
	})
}
