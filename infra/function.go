package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// FunctionProps is what one Lambda has of its own; NewFunction knows the rest.
type FunctionProps struct {
	Settings *Settings
	// Name is the function's full name.
	Name *string
	// Description is shown beside the name in the console.
	Description string
	// Code is the folder that holds the program, `bootstrap`.
	Code string
	// TimeoutSeconds has to be less than the timeout of the state that invokes
	// the function, or its own error would never be seen.
	TimeoutSeconds float64
	Environment    map[string]string
	// Permissions are added to that of writing its log, which every function has.
	Permissions []permission
}

// NewFunction makes a Lambda as all of ours are: a Go program on the bare
// runtime, with a role and a log group of its own.
func NewFunction(scope constructs.Construct, id string, props *FunctionProps) awslambda.Function {
	scope = constructs.NewConstruct(scope, &id)
	log := awslogs.NewLogGroup(scope, jsii.String("Log"), &awslogs.LogGroupProps{
		LogGroupName:  jsii.String("/aws/lambda/" + *props.Name),
		Retention:     awslogs.RetentionDays_THREE_MONTHS,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	role := NewRole(scope, "Role", "lambda.amazonaws.com", append([]permission{
		{Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"}, Resources: []*string{log.LogGroupArn()}},
	}, props.Permissions...))

	environment := map[string]*string{"LOG_LEVEL": &props.Settings.LogLevel}
	for name, value := range props.Environment {
		environment[name] = &value
	}
	return awslambda.NewFunction(scope, jsii.String("Function"), &awslambda.FunctionProps{
		FunctionName: props.Name,
		Description:  &props.Description,
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: awslambda.Architecture_Custom(jsii.String(string(props.Settings.Architecture)), nil),
		Handler:      jsii.String("bootstrap"),
		Code:         awslambda.Code_FromAsset(&props.Code, nil),
		MemorySize:   jsii.Number(256),
		Timeout:      awscdk.Duration_Seconds(&props.TimeoutSeconds),
		Environment:  &environment,
		LogGroup:     log,
		// The role's permissions are all in the role: CDK adds none.
		Role: role.WithoutPolicyUpdates(nil),
	})
}
