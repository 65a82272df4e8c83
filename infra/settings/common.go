package settings

import "strings"

// Settings are those of one system: a pointer to a struct that embeds Common, whose
// tags say everything about each setting. Type field explains them.
type Settings interface {
	// Base returns the embedded Common.
	Base() *Common
	// Complete checks what concerns more than one setting, and sets what follows
	// from others.
	Complete(found *Problems)
}

// Common are the settings of every system.
//
// An empty KMS key stands for AWS's own, except that the topic gets a key of its own,
// because alarms can't publish under AWS's.
type Common struct {
	System string `setting:"system" default:"sync-users" help:"which system is deployed; each has a table of its own"`

	AlertEmails []string `setting:"alertEmails" usual:"nobody" validate:"dive,email,printascii" want:"a mail address like operator@example.org" help:"addresses that failures and alarms are mailed to"`

	RunsRetentionDays int    `setting:"runsRetentionDays" default:"90" validate:"min=1,max=3650" help:"days for which the records of a run are kept"`
	LogLevel          string `setting:"logLevel" default:"info" validate:"oneof=debug info warn error" help:"'debug', 'info', 'warn' or 'error'; outcomes are logged at every level"`
	LogRetentionDays  int    `setting:"logRetentionDays" default:"90" validate:"oneof=1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 1827 2192 2557 2922 3288 3653" help:"days for which logs are kept; CloudWatch knows 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, …"`

	ParametersKey string `setting:"parametersKey" usual:"the key of AWS" validate:"omitempty,kms_key_arn" want:"the ARN of a key like arn:aws:kms:eu-west-1:123456789012:key/…; an alias can't be granted" help:"ARN of the KMS key of the SecureString parameters"`
	BucketsKey    string `setting:"bucketsKey" usual:"the key of S3" validate:"omitempty,kms_key_arn" want:"the ARN of a key like arn:aws:kms:eu-west-1:123456789012:key/…; an alias can't be granted" help:"ARN of the KMS key for the buckets that the deploy creates; readers of a managed bucket created here need it too"`
	TopicKey      string `setting:"topicKey" usual:"one is created" validate:"omitempty,kms_key_arn" want:"the ARN of a key like arn:aws:kms:eu-west-1:123456789012:key/…; an alias can't be granted" help:"ARN of the KMS key for the topic; its policy has to let 'cloudwatch.amazonaws.com' and 'events.amazonaws.com' use it"`

	Architecture string `setting:"architecture" default:"arm64" validate:"oneof=arm64 x86_64" help:"processor of the Lambdas: 'arm64' or 'x86_64'"`
	MemoryMB     int    `setting:"memory" default:"256" validate:"min=128,max=10240" help:"megabytes of each Lambda"`
	Tracing      bool   `setting:"tracing" default:"false" help:"'true' turns X-Ray on"`

	// 30 characters leave room in the name of a bucket, of 63 at most, for the
	// account, the region and what the bucket is for.
	StackName string `setting:"stackName" usual:"the name of the system; of fetch-files, 'fetch-<Name>'" validate:"omitempty,max=30,stack_name" want:"a name of lower-case letters, digits and hyphens, 30 at most" help:"name of the CloudFormation stack, with which the names of all its resources begin"`
	File      string `setting:"settings" usual:"none" help:"file of settings in JSON; '-c' and cdk.json take precedence over it"`
}

// Base returns the settings themselves.
func (c *Common) Base() *Common { return c }

// Network are the settings of a system with a function that may run in a VPC.
type Network struct {
	VPC            string   `setting:"vpc" usual:"none" validate:"omitempty,startswith=vpc-,aws_id" want:"an id like vpc-0123456789abcdef0" help:"VPC of the subnets, like 'vpc-0abc…'; needed where no security group is given"`
	Subnets        []string `setting:"subnets" usual:"none" validate:"max=16,dive,startswith=subnet-,aws_id" want:"an id like subnet-0123456789abcdef0" help:"subnets from which the function that connects to the SFTP server reaches it, and Parameter Store and S3 by NAT or endpoints"`
	SecurityGroups []string `setting:"securityGroups" usual:"one is created" validate:"max=5,dive,startswith=sg-,aws_id" want:"an id like sg-0123456789abcdef0" help:"security groups of that function; the one created here allows traffic to the port of the server and to 443"`
}

// Complete checks that the settings of a network are complete.
func (n *Network) Complete(found *Problems) {
	if found.Given("subnets") && !found.Given("vpc") && !found.Given("securityGroups") {
		found.Add("subnets", "they come without a vpc, in which a security group can be created, and without securityGroups: give one of the two")
	}
	if !found.Given("subnets") && (found.Given("vpc") || found.Given("securityGroups")) {
		found.Add("subnets", "they are missing: a vpc or securityGroups alone put no Lambda anywhere")
	}
}

// checkRegion finds keys of another region than the deploy goes to, which the CLI
// says in the environment (https://docs.aws.amazon.com/cdk/v2/guide/environments.html):
// S3, SNS and Parameter Store use none. Without an account the CLI has no
// credentials, and the region is a guess.
func (c *Common) checkRegion(found *Problems, environment func(string) string) {
	account, region := environment("CDK_DEFAULT_ACCOUNT"), environment("CDK_DEFAULT_REGION")
	if account == "" || region == "" {
		return
	}
	for name, arn := range map[string]string{"parametersKey": c.ParametersKey, "bucketsKey": c.BucketsKey, "topicKey": c.TopicKey} {
		if parts := strings.Split(arn, ":"); len(parts) > 3 && parts[3] != region {
			found.Add(name, "the key is in %s, and the deploy goes to %s: give a key that is there, or deploy with AWS_REGION=%[1]s", parts[3], region)
		}
	}
}
