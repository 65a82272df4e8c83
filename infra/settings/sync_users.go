package settings

import (
	"net"
	"net/url"
	"strings"
)

// SyncUsers are the settings of sync-users, and their table: the tags of a field
// say everything about its setting. Type field explains them.
//
// SFTPGoPassword and SFTPGoAPIKey are references to Parameter Store, `ssm:/…`,
// never secrets; exactly one of them is set. An empty KMS key stands for AWS's
// own, except that the topic gets a key of its own, because alarms can't publish
// under AWS's.
type SyncUsers struct {
	ManagedBucket       string `setting:"managedBucket" validate:"required,max=63,managed_bucket" want:"a name like digipres-dev1-managed" help:"bucket '<org>-<env>-managed' to which TRIGGER is uploaded"`
	CreateManagedBucket bool   `setting:"createManagedBucket" default:"false" help:"'true' creates that bucket; otherwise it belongs to someone else and is not changed"`

	SFTPGoHost     string `setting:"sftpgoHost" env:"SFTPGO_HOST" validate:"required,web_address" want:"a URL like https://sftpgo.example.org" help:"URL of SFTPGo; 'http://' only with 'subnets', because it shows the password to the network"`
	SFTPGoUsername string `setting:"sftpgoUsername" env:"SFTPGO_USERNAME" usual:"required without an API key" validate:"omitempty,username" want:"a reference like ssm:/sftpgo/username" help:"SFTPGo administrator, or a reference to the name"`
	SFTPGoPassword string `setting:"sftpgoPassword" env:"SFTPGO_PASSWORD" usual:"'ssm:/sftpgo/password'" parameter:"/sftpgo/password" validate:"omitempty,reference" help:"reference to the administrator password, 'ssm:/…'; never the password itself"`
	SFTPGoAPIKey   string `setting:"sftpgoApiKey" env:"SFTPGO_API_KEY" usual:"none" parameter:"/sftpgo/api-key" validate:"omitempty,reference" help:"reference to an API key, instead of username and password"`

	AlertEmails []string `setting:"alertEmails" usual:"nobody" validate:"dive,email,printascii" want:"a mail address like operator@example.org" help:"addresses that failures and alarms are mailed to"`

	Schedule         string `setting:"schedule" default:"none" validate:"schedule" want:"none, nor a rate like rate(1 hour) or rate(90 minutes), nor six parts like cron(0 6 * * ? *)" help:"'none', 'rate(2 hours)' or 'cron(0 6 * * ? *)', as EventBridge Scheduler defines them"`
	ScheduleEnabled  bool   `setting:"scheduleEnabled" default:"true" help:"'false' creates the schedule without starting runs, and without its alarm, because a rate starts the first run at once"`
	ScheduleTimeZone string `setting:"scheduleTimeZone" default:"UTC" validate:"timezone,timezone_name" want:"a time zone like Europe/Vienna" help:"time zone of a cron, like 'Europe/Vienna'"`
	StaleAfterHours  int    `setting:"staleAfterHours" usual:"twice a rate; required with a cron" validate:"min=0,max=168" help:"with a schedule: raises an alarm when no run succeeded for so many hours, up to 168; '0' for no alarm"`

	MaxConcurrency    int    `setting:"maxConcurrency" default:"10" validate:"min=1,max=1000" help:"users synced at a time; SFTPGo refuses an address with more than 20 connections unless configured otherwise"`
	ChildExecutions   string `setting:"childExecutions" default:"STANDARD" validate:"oneof=STANDARD EXPRESS" help:"type of the execution of each user, 'STANDARD' or 'EXPRESS'; EXPRESS costs a fraction, keeps no history of each user, and has five minutes for one"`
	RunsRetentionDays int    `setting:"runsRetentionDays" default:"90" validate:"min=1,max=3650" help:"days for which the users, results and report of a run are kept"`
	LogLevel          string `setting:"logLevel" default:"info" validate:"oneof=debug info warn error" help:"'debug', 'info', 'warn' or 'error'; the outcome of each user and run is logged at every level"`
	LogRetentionDays  int    `setting:"logRetentionDays" default:"90" validate:"oneof=1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 1827 2192 2557 2922 3288 3653" help:"days for which logs are kept; CloudWatch knows 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, …"`

	AccessKeyPrefix string `setting:"accessKeyPrefix" default:"/iam/access_key/" validate:"parameter_prefix" want:"a path like /iam/access_key/, with a slash at both ends, that AWS does not reserve (/aws, /ssm)" help:"where in Parameter Store the access key ids of users are"`
	SecretKeyPrefix string `setting:"secretKeyPrefix" default:"/iam/secret_key/" validate:"parameter_prefix" want:"a path like /iam/secret_key/, with a slash at both ends, that AWS does not reserve (/aws, /ssm)" help:"where in Parameter Store the secret keys of users are"`

	ParametersKey string `setting:"parametersKey" usual:"the key of AWS" validate:"omitempty,kms_key_arn" want:"the ARN of a key like arn:aws:kms:eu-west-1:123456789012:key/…; an alias can't be granted" help:"ARN of the KMS key of the SecureString parameters"`
	BucketsKey    string `setting:"bucketsKey" usual:"the key of S3" validate:"omitempty,kms_key_arn" want:"the ARN of a key like arn:aws:kms:eu-west-1:123456789012:key/…; an alias can't be granted" help:"ARN of the KMS key for the buckets that the deploy creates; readers of a managed bucket created here need it too"`
	TopicKey      string `setting:"topicKey" usual:"one is created" validate:"omitempty,kms_key_arn" want:"the ARN of a key like arn:aws:kms:eu-west-1:123456789012:key/…; an alias can't be granted" help:"ARN of the KMS key for the topic; its policy has to let 'cloudwatch.amazonaws.com' and 'events.amazonaws.com' use it"`

	VPC            string   `setting:"vpc" usual:"none" validate:"omitempty,startswith=vpc-,aws_id" want:"an id like vpc-0123456789abcdef0" help:"VPC of the subnets, like 'vpc-0abc…'; needed where no security group is given"`
	Subnets        []string `setting:"subnets" usual:"none" validate:"max=16,dive,startswith=subnet-,aws_id" want:"an id like subnet-0123456789abcdef0" help:"subnets from which sync-user reaches SFTPGo, and Parameter Store and S3 by NAT or endpoints"`
	SecurityGroups []string `setting:"securityGroups" usual:"one is created" validate:"max=5,dive,startswith=sg-,aws_id" want:"an id like sg-0123456789abcdef0" help:"security groups of sync-user; the one created here allows traffic to the port of SFTPGo and to 443"`
	S3Endpoint     string   `setting:"s3Endpoint" usual:"the endpoint of AWS" validate:"omitempty,web_address" want:"a URL like https://s3.example.org" help:"S3 endpoint that the folders in SFTPGo use, path style, for another store or a VPC endpoint"`

	Architecture string `setting:"architecture" default:"arm64" validate:"oneof=arm64 x86_64" help:"processor of the Lambdas: 'arm64' or 'x86_64'"`
	MemoryMB     int    `setting:"memory" default:"256" validate:"min=128,max=10240" help:"megabytes of each Lambda"`
	Tracing      bool   `setting:"tracing" default:"false" help:"'true' turns X-Ray on"`

	// 30 characters leave room in the name of a bucket, of 63 at most, for the
	// account, the region and what the bucket is for.
	StackName string `setting:"stackName" default:"sync-users" validate:"max=30,stack_name" want:"a name of lower-case letters, digits and hyphens, 30 at most" help:"name of the CloudFormation stack, with which the names of all its resources begin"`
	File      string `setting:"settings" usual:"none" help:"file of settings in JSON; '-c' and cdk.json take precedence over it"`
}

// Read returns the settings of sync-users from the CDK's context (cdk.json and
// `-c`), the file that the context names, and the deploy's environment. Its error
// has a line for each mistake, all of them at once, and never a secret.
func Read(context map[string]any, environment func(string) string) (*SyncUsers, error) {
	s := &SyncUsers{}
	found, err := read(s, context, environment)
	if err != nil {
		return nil, err
	}
	s.complete(found)
	s.checkRegion(found, environment)
	return s, found.err()
}

// complete checks what concerns more than one setting, and sets what follows from
// others.
func (s *SyncUsers) complete(found *problems) {
	switch {
	case found.given("sftpgoApiKey") && (found.given("sftpgoUsername") || found.given("sftpgoPassword")):
		found.add("sftpgoApiKey", "it is given together with a username or a password: take one of the two ways away")
	case found.given("sftpgoApiKey"):
	case !found.given("sftpgoUsername"):
		found.add("sftpgoUsername", "it is missing: give it, here or as SFTPGO_USERNAME in the environment, or sftpgoApiKey instead")
	case !found.given("sftpgoPassword"):
		s.SFTPGoPassword = ReferencePrefix + found.field("sftpgoPassword").parameter
	}
	s.SFTPGoHost, s.S3Endpoint = strings.TrimRight(s.SFTPGoHost, "/"), strings.TrimRight(s.S3Endpoint, "/")
	if !found.given("subnets") && sendsInClear(s.SFTPGoHost) {
		found.add("sftpgoHost", "http shows the password to every network on the way: give https://…, or the subnets of the VPC where SFTPGo is")
	}
	if s.AccessKeyPrefix == s.SecretKeyPrefix {
		found.add("secretKeyPrefix", "it is the same as accessKeyPrefix: the two keys of a user need two places")
	}
	if found.given("subnets") && !found.given("vpc") && !found.given("securityGroups") {
		found.add("subnets", "they come without a vpc, in which a security group can be created, and without securityGroups: give one of the two")
	}
	if !found.given("subnets") && (found.given("vpc") || found.given("securityGroups")) {
		found.add("subnets", "they are missing: a vpc or securityGroups alone put no Lambda anywhere")
	}
	s.completeSchedule(found)
	if !s.ScheduleEnabled {
		s.StaleAfterHours = 0 // No run is missing.
	}
}

// sendsInClear reports whether a password would go to this address over a network
// unencrypted. An address of this machine is on no network.
func sendsInClear(address string) bool {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "http" {
		return false
	}
	host := parsed.Hostname()
	return host != "localhost" && !net.ParseIP(host).IsLoopback()
}

// checkRegion finds keys of another region than the deploy goes to, which the CLI
// says in the environment (https://docs.aws.amazon.com/cdk/v2/guide/environments.html):
// S3, SNS and Parameter Store use none. Without an account the CLI has no
// credentials, and the region is a guess.
func (s *SyncUsers) checkRegion(found *problems, environment func(string) string) {
	account, region := environment("CDK_DEFAULT_ACCOUNT"), environment("CDK_DEFAULT_REGION")
	if account == "" || region == "" {
		return
	}
	for name, arn := range map[string]string{"parametersKey": s.ParametersKey, "bucketsKey": s.BucketsKey, "topicKey": s.TopicKey} {
		if parts := strings.Split(arn, ":"); len(parts) > 3 && parts[3] != region {
			found.add(name, "the key is in %s, and the deploy goes to %s: give a key that is there, or deploy with AWS_REGION=%[1]s", parts[3], region)
		}
	}
}

// ExpressChildren reports whether the child executions are Express, not Standard.
func (s *SyncUsers) ExpressChildren() bool { return s.ChildExecutions == "EXPRESS" }

// ParameterReferences returns the names of the parameters that the connection to
// SFTPGo refers to.
func (s *SyncUsers) ParameterReferences() []string {
	var names []string
	for _, value := range []string{s.SFTPGoUsername, s.SFTPGoPassword, s.SFTPGoAPIKey} {
		if name, ok := strings.CutPrefix(value, ReferencePrefix); ok {
			names = append(names, name)
		}
	}
	return names
}
