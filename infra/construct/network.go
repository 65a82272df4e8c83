package construct

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/settings"
)

// NewVPCConfig returns the subnets and security groups of a function, and creates a
// security group where the settings have none, out to HTTPS, by which AWS is
// reached, and to more TCP ports. It returns nil for outside of any VPC. what says
// what the function connects to.
func NewVPCConfig(scope constructs.Construct, names *Names, network *settings.Network, what string, ports ...int) *awslambda.CfnFunction_VpcConfigProperty {
	if len(network.Subnets) == 0 {
		return nil
	}
	groups := jsii.Strings(network.SecurityGroups...)
	if len(network.SecurityGroups) == 0 {
		group := awsec2.NewCfnSecurityGroup(scope, jsii.String("SecurityGroup"), &awsec2.CfnSecurityGroupProps{
			GroupDescription:    jsii.String(names.Prefix + ": out to " + what + " and to AWS"),
			VpcId:               &network.VPC,
			SecurityGroupEgress: egressRules(ports),
		})
		groups = &[]*string{group.AttrGroupId()}
	}
	return &awslambda.CfnFunction_VpcConfigProperty{SubnetIds: jsii.Strings(network.Subnets...), SecurityGroupIds: groups}
}

// egressRules allow ports to any address, because that of a name may change.
func egressRules(ports []int) []any {
	var rules []any
	for _, port := range append([]int{443}, ports...) {
		rules = append(rules, &awsec2.CfnSecurityGroup_EgressProperty{
			IpProtocol: jsii.String("tcp"),
			CidrIp:     jsii.String("0.0.0.0/0"),
			FromPort:   jsii.Number(port),
			ToPort:     jsii.Number(port),
		})
	}
	return rules
}

// vpcPermissions let the Lambda service put a function into a VPC, and deny the
// same to the function's own code, which has the same role
// (https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html).
func vpcPermissions(functionARN *string) []Permission {
	actions := []string{
		"ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces",
		"ec2:DescribeSubnets", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
	}
	return []Permission{
		// Describing knows no resources, and an interface has no name before it is created.
		{Actions: actions, Resources: AnyResource},
		{Deny: true, Actions: actions, Resources: AnyResource, Conditions: map[string]any{
			"ArnEquals": map[string]any{"lambda:SourceFunctionArn": functionARN},
		}},
	}
}
