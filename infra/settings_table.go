package main

// setting is one thing that an operator can decide.
type setting struct {
	name string
	// variable of the deploy's environment that may hold the value as well.
	variable string
	// fallback is the value when nobody gives one; usual describes it where it
	// follows from other settings.
	fallback, usual string
	help            string
	read            func(string) error
}

// settingsTable is every setting there is, in the order that a person would
// ask for them. Reading one puts it into s.
func settingsTable(s *Settings) []setting {
	return []setting{
		{
			name: "managedBucket", usual: "required",
			help: "bucket `<org>-<env>-managed` to which TRIGGER is uploaded",
			read: matching(&s.ManagedBucket, `^[a-z][a-z0-9]+-[a-z][a-z0-9]+-managed$`, 63, "a name like digipres-dev1-managed"),
		},
		{
			name: "createManagedBucket", fallback: "false",
			help: "`true` makes that bucket; otherwise it is somebody else's and left as it is",
			read: boolean(&s.CreateManagedBucket),
		},
		{
			name: "sftpgoHost", variable: "SFTPGO_HOST", usual: "required",
			help: "SFTPGo's address, a URL; `http://` only with `subnets`, because it shows the password to the network",
			read: webAddress(&s.SFTPGo.Host, "https://sftpgo.example.org"),
		},
		{
			name: "sftpgoUsername", variable: "SFTPGO_USERNAME", usual: "required without an API key",
			help: "SFTPGo administrator, or a reference to the name",
			read: username(&s.SFTPGo.Username),
		},
		{
			name: "sftpgoPassword", variable: "SFTPGO_PASSWORD", usual: "`ssm:/sftpgo/password`",
			help: "reference to the administrator's password, `ssm:/…`; never the password itself",
			read: reference(&s.SFTPGo.Password, "SFTPGO_PASSWORD", passwordParameter),
		},
		{
			name: "sftpgoApiKey", variable: "SFTPGO_API_KEY", usual: "none",
			help: "reference to an API key, instead of username and password",
			read: reference(&s.SFTPGo.APIKey, "SFTPGO_API_KEY", "/sftpgo/api-key"),
		},
		{
			name: "alertEmails", usual: "nobody",
			help: "addresses that failures and alarms are mailed to",
			read: emails(&s.AlertEmails),
		},
		{
			name: "schedule", fallback: "none",
			help: "`none`, `rate(2 hours)` or `cron(0 6 * * ? *)`, as EventBridge Scheduler has them",
			read: schedule(&s.Schedule.Expression),
		},
		{
			name: "scheduleTimeZone", fallback: "UTC",
			help: "time zone of a cron, like `Europe/Vienna`",
			read: timeZone(&s.Schedule.TimeZone),
		},
		{
			name: "staleAfterHours", usual: "twice a rate; 26 for a cron of every day; required for any other",
			help: "with a schedule: an alarm when no run succeeded for so many hours, up to 168; `0` for none",
			read: between(&s.Schedule.StaleAfterHours, 0, longestStaleHours),
		},
		{
			name: "maxConcurrency", fallback: "10",
			help: "people synced at a time; SFTPGo refuses an address with more than 20 connections unless it is told otherwise",
			read: between(&s.MaxConcurrency, 1, 1000),
		},
		{
			name: "runsRetentionDays", fallback: "90",
			help: "days for which a run's users, results and report are kept",
			read: between(&s.RunsRetentionDays, 1, 3650),
		},
		{
			name: "logLevel", fallback: "info",
			help: "`debug`, `info`, `warn` or `error`; what became of each person and run is logged at every level",
			read: oneOf(&s.LogLevel, "debug", "info", "warn", "error"),
		},
		{
			name: "logRetentionDays", fallback: "90",
			help: "days for which logs are kept; CloudWatch knows 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, …",
			read: retention(&s.LogRetentionDays),
		},
		{
			name: "accessKeyPrefix", fallback: "/iam/access_key/",
			help: "where in Parameter Store the users' access key ids are",
			read: parameterPrefix(&s.Parameters.AccessKeyPrefix),
		},
		{
			name: "secretKeyPrefix", fallback: "/iam/secret_key/",
			help: "where in Parameter Store the users' secret keys are",
			read: parameterPrefix(&s.Parameters.SecretKeyPrefix),
		},
		{
			name: "parametersKey", usual: "AWS's key",
			help: "ARN of the KMS key of the SecureString parameters",
			read: keyARN(&s.Keys.Parameters),
		},
		{
			name: "bucketsKey", usual: "S3's key",
			help: "ARN of the KMS key for the buckets that are made here; a made managed bucket's readers need it too",
			read: keyARN(&s.Keys.Buckets),
		},
		{
			name: "topicKey", usual: "one is made",
			help: "ARN of the KMS key for the topic; its policy has to let `cloudwatch.amazonaws.com` use it",
			read: keyARN(&s.Keys.Topic),
		},
		{
			name: "vpc", usual: "none",
			help: "VPC of the subnets, like `vpc-0abc…`; needed where no security group is given",
			read: id(&s.Network.VPC, "vpc"),
		},
		{
			name: "subnets", usual: "none",
			help: "subnets from which sync-user reaches SFTPGo, and Parameter Store and S3 by NAT or endpoints",
			read: ids(&s.Network.Subnets, "subnet", 16),
		},
		{
			name: "securityGroups", usual: "one is made",
			help: "security groups of sync-user; the one made here lets out to SFTPGo's port and 443",
			read: ids(&s.Network.SecurityGroups, "sg", 5),
		},
		{
			name: "s3Endpoint", usual: "AWS's",
			help: "S3 endpoint that SFTPGo's folders use, path style, for another store or a VPC endpoint",
			read: webAddress(&s.SFTPGo.S3Endpoint, "https://s3.example.org"),
		},
		{
			name: "architecture", fallback: string(ARM64),
			help: "processor of the Lambdas: `arm64` or `x86_64`",
			read: oneOf(&s.Architecture, ARM64, X8664),
		},
		{
			name: "memory", fallback: "256",
			help: "megabytes of each Lambda",
			read: between(&s.MemoryMB, 128, 10240),
		},
		{
			name: "tracing", fallback: "false",
			help: "`true` turns X-Ray on",
			read: boolean(&s.Tracing),
		},
		{
			name: "permissionsBoundary", usual: "none",
			help: "ARN of the policy that bounds every role made here",
			read: policyARN(&s.PermissionsBoundary),
		},
		{
			name: "tags", usual: "none",
			help: "tags for everything, `name=value` with commas, or an object in JSON",
			read: tags(&s.Tags),
		},
		{
			name: "stackName", fallback: "sync-users",
			help: "name of the CloudFormation stack, with which the names of all its parts begin",
			read: matching(&s.StackName, `^[a-z][a-z0-9]*(-[a-z0-9]+)*$`, longestStackName, "a name of lower-case letters, digits and hyphens, 30 at most"),
		},
		{
			name: fileSetting, usual: "none",
			help: "file of settings in JSON; what `-c` or cdk.json says comes before it",
			read: func(string) error { return nil },
		},
	}
}
