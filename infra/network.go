package main

import (
	"net/url"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/settings"
)

// NewVPCConfig returns the subnets and security groups of sync-user, and creates a
// security group where the settings have none; nil for outside of any VPC.
func NewVPCConfig(scope constructs.Construct, settings *settings.SyncUsers) *awslambda.CfnFunction_VpcConfigProperty {
	if len(settings.Subnets) == 0 {
		return nil
	}
	groups := jsii.Strings(settings.SecurityGroups...)
	if len(settings.SecurityGroups) == 0 {
		group := awsec2.NewCfnSecurityGroup(scope, jsii.String("SecurityGroup"), &awsec2.CfnSecurityGroupProps{
			GroupDescription:    jsii.String(settings.StackName + ": out to SFTPGo and to AWS"),
			VpcId:               &settings.VPC,
			SecurityGroupEgress: egressRules(settings.SFTPGoHost),
		})
		groups = &[]*string{group.AttrGroupId()}
	}
	return &awslambda.CfnFunction_VpcConfigProperty{SubnetIds: jsii.Strings(settings.Subnets...), SecurityGroupIds: groups}
}

// egressRules allow HTTPS, by which Parameter Store is reached, and SFTPGo's port,
// to any address, because the name's address may change.
func egressRules(host string) []any {
	ports := []int{443}
	if address, err := url.Parse(host); err == nil {
		port, err := strconv.Atoi(address.Port())
		if err != nil && address.Scheme == "http" {
			port = 80
		}
		if port != 0 && port != 443 {
			ports = append(ports, port)
		}
	}
	var rules []any
	for _, port := range ports {
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
func vpcPermissions(functionARN *string) []permission {
	actions := []string{
		"ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces",
		"ec2:DescribeSubnets", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
	}
	return []permission{
		// Describing knows no resources, and an interface has no name before it is created.
		{Actions: actions, Resources: anyResource},
		{Deny: true, Actions: actions, Resources: anyResource, Conditions: map[string]any{
			"ArnEquals": map[string]any{"lambda:SourceFunctionArn": functionARN},
		}},
	}
}
