package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// FunctionProps is what one Lambda has of its own; NewFunction knows the rest.
type FunctionProps struct {
	Settings *Settings
	Names    *names
	// Name is the function's, as its folder has it.
	Name string
	// Description is shown beside the name in the console.
	Description string
	// Code is the folder that holds the program, `bootstrap`.
	Code string
	// TimeoutSeconds has to be less than the timeout of the state that invokes
	// the function, or the state would never see the function's own error.
	TimeoutSeconds int
	Environment    map[string]string
	// Permissions come on top of what every function needs.
	Permissions []permission
	// Network is where the function runs; nil for outside of any VPC.
	Network *Network
}

// Function is a Lambda with what belongs to it.
type Function struct {
	awslambda.CfnFunction
	// Log is the name of its log group.
	Log string
}

// NewFunction makes a Lambda as all of ours are: a Go program on the bare
// runtime, with a role and a log group of its own. None reserves concurrency:
// the Map's limit bounds them already, and what is reserved here would be
// taken from the account's other functions.
func NewFunction(scope constructs.Construct, id string, props *FunctionProps) *Function {
	scope = constructs.NewConstruct(scope, &id)
	settings := props.Settings
	name := props.Names.of(props.Name)
	logName := "/aws/lambda/" + *name
	log := NewLogGroup(scope, logName, settings)

	permissions := append([]permission{
		{Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"}, Resources: []*string{log.AttrArn()}},
	}, props.Permissions...)
	environment := map[string]string{"LOG_LEVEL": settings.LogLevel}
	for name, value := range props.Environment {
		environment[name] = value
	}
	code := awss3assets.NewAsset(scope, jsii.String("Code"), &awss3assets.AssetProps{Path: &props.Code})
	definition := &awslambda.CfnFunctionProps{
		FunctionName:  name,
		Description:   &props.Description,
		Runtime:       jsii.String("provided.al2023"),
		Architectures: jsii.Strings(string(settings.Architecture)),
		Handler:       jsii.String("bootstrap"),
		Code: &awslambda.CfnFunction_CodeProperty{
			S3Bucket: code.S3BucketName(),
			S3Key:    code.S3ObjectKey(),
		},
		MemorySize:    jsii.Number(settings.MemoryMB),
		Timeout:       jsii.Number(props.TimeoutSeconds),
		Environment:   &awslambda.CfnFunction_EnvironmentProperty{Variables: environment},
		LoggingConfig: &awslambda.CfnFunction_LoggingConfigProperty{LogGroup: log.Ref()},
	}
	if settings.Tracing {
		definition.TracingConfig = &awslambda.CfnFunction_TracingConfigProperty{Mode: jsii.String("Active")}
		permissions = append(permissions, tracing("xray:PutTraceSegments", "xray:PutTelemetryRecords"))
	}
	if props.Network != nil {
		definition.VpcConfig = &awslambda.CfnFunction_VpcConfigProperty{
			SubnetIds:        jsii.Strings(props.Network.Subnets...),
			SecurityGroupIds: jsii.Strings(props.Network.SecurityGroups...),
		}
		permissions = append(permissions, networkPermissions(props.Names.arn("lambda", "function:"+*name))...)
	}
	definition.Role = NewRole(scope, "Role", &RoleProps{
		Service:     "lambda.amazonaws.com",
		Permissions: permissions,
	}).RoleArn()
	return &Function{
		CfnFunction: awslambda.NewCfnFunction(scope, jsii.String("Function"), definition),
		Log:         logName,
	}
}

// tracing lets a role do what X-Ray needs, none of which has a resource to name.
func tracing(actions ...string) permission {
	return permission{Actions: actions, Resources: everything}
}
