package construct

import (
	"maps"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/settings"
)

// FunctionProps is what differs from Lambda to Lambda.
type FunctionProps struct {
	// Name is the name of the function's folder.
	Name string
	// Description is shown beside the name in the console.
	Description string
	// TimeoutSeconds has to be less than the timeout of the state that invokes
	// the function, or the state would never see the function's own error.
	TimeoutSeconds int
	Environment    map[string]string
	// Permissions are those besides what every function needs.
	Permissions []Permission
	// VPC is where the function runs; nil for outside of any VPC.
	VPC *awslambda.CfnFunction_VpcConfigProperty
}

// Function is a Lambda with its log group.
type Function struct {
	awslambda.CfnFunction
	// Log is the name of its log group.
	Log string
}

// NewFunction creates a Lambda: a Go program on the OS-only runtime, with a role
// and a log group of its own. None reserves concurrency: the Map's limit bounds
// them already, and what is reserved here would be missing for the account's other
// functions. code has each function's folder.
func NewFunction(scope constructs.Construct, id string, settings *settings.Common, names *Names, code map[string]string, props *FunctionProps) *Function {
	scope = constructs.NewConstruct(scope, &id)
	name := names.Prefixed(props.Name)
	logName := "/aws/lambda/" + *name
	log := NewLogGroup(scope, logName, settings)

	permissions := append([]Permission{
		{Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"}, Resources: []*string{log.AttrArn()}},
	}, props.Permissions...)
	environment := map[string]string{"LOG_LEVEL": settings.LogLevel}
	maps.Copy(environment, props.Environment)
	asset := awss3assets.NewAsset(scope, jsii.String("Code"), &awss3assets.AssetProps{Path: jsii.String(code[props.Name])})
	definition := &awslambda.CfnFunctionProps{
		FunctionName:  name,
		Description:   &props.Description,
		Runtime:       jsii.String("provided.al2023"),
		Architectures: jsii.Strings(settings.Architecture),
		Handler:       jsii.String("bootstrap"),
		Code: &awslambda.CfnFunction_CodeProperty{
			S3Bucket: asset.S3BucketName(),
			S3Key:    asset.S3ObjectKey(),
		},
		MemorySize:    jsii.Number(settings.MemoryMB),
		Timeout:       jsii.Number(props.TimeoutSeconds),
		Environment:   &awslambda.CfnFunction_EnvironmentProperty{Variables: environment},
		LoggingConfig: &awslambda.CfnFunction_LoggingConfigProperty{LogGroup: log.Ref()},
	}
	if settings.Tracing {
		definition.TracingConfig = &awslambda.CfnFunction_TracingConfigProperty{Mode: jsii.String("Active")}
		permissions = append(permissions, TracingPermission("xray:PutTraceSegments", "xray:PutTelemetryRecords"))
	}
	if props.VPC != nil {
		definition.VpcConfig = props.VPC
		permissions = append(permissions, vpcPermissions(names.ARN("lambda", "function:"+*name))...)
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

// TracingPermission lets a role do what X-Ray needs, none of which knows a
// resource.
func TracingPermission(actions ...string) Permission {
	return Permission{Actions: actions, Resources: AnyResource}
}
