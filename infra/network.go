package main

import (
	"net/url"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// NewNetwork gives the network that sync-user runs in, with a security group
// made for it where the settings have none; nil for outside of any VPC.
func NewNetwork(scope constructs.Construct, settings *Settings) *Network {
	network := settings.Network
	if len(network.Subnets) == 0 {
		return nil
	}
	if len(network.SecurityGroups) == 0 {
		group := awsec2.NewCfnSecurityGroup(scope, jsii.String("SecurityGroup"), &awsec2.CfnSecurityGroupProps{
			GroupDescription:    jsii.String(settings.StackName + ": out to SFTPGo and to AWS"),
			VpcId:               &network.VPC,
			SecurityGroupEgress: egress(settings.SFTPGo.Host),
		})
		network.SecurityGroups = []string{*group.AttrGroupId()}
	}
	return &network
}

// egress lets out to HTTPS, by which Parameter Store is reached, and to the
// port of SFTPGo, at whatever address its name stands for that day.
func egress(host string) []any {
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

// networkPermissions let Lambda put a function into a VPC: Lambda itself, and
// not the function's code, for which the role is the same
// (https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html).
func networkPermissions(function *string) []permission {
	actions := []string{
		"ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces",
		"ec2:DescribeSubnets", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
	}
	return []permission{
		// Describing knows no resources, and an interface has no name before it is made.
		{Actions: actions, Resources: everything},
		{Deny: true, Actions: actions, Resources: everything, Conditions: map[string]any{
			"ArnEquals": map[string]any{"lambda:SourceFunctionArn": function},
		}},
	}
}
