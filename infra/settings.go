package main

import "strings"

// Settings are what an operator decides about one installation. ReadSettings
// makes them; the table in settingsTable says what each one means.
type Settings struct {
	StackName           string
	ManagedBucket       string
	CreateManagedBucket bool
	AlertEmails         []string
	MaxConcurrency      int
	Architecture        Architecture
	LogLevel            string
	SFTPGo              SFTPGo
	S3Endpoint          string
	AccessKeyPrefix     string
	SecretKeyPrefix     string
}

// SFTPGo says how to reach the server. Password and APIKey are references to
// Parameter Store, `ssm:/…`, never the secrets themselves; exactly one is set.
type SFTPGo struct {
	Host, Username, Password, APIKey string
}

// references are the names of the parameters that the connection refers to.
func (s SFTPGo) references() []string {
	var names []string
	for _, value := range []string{s.Username, s.Password, s.APIKey} {
		if name, ok := strings.CutPrefix(value, referencePrefix); ok {
			names = append(names, name)
		}
	}
	return names
}

// setting is one thing that an operator can decide.
type setting struct {
	name string
	// variable of the deploy's environment that may hold the value as well.
	variable string
	fallback string
	help     string
	read     func(string) error
}

// settingsTable is every setting there is, in the order that a person would
// ask for them. Reading one puts it into s.
func settingsTable(s *Settings) []setting {
	return []setting{
		{
			name: "stackName", fallback: "sync-users",
			help: "name of the CloudFormation stack, and the beginning of the names of all that is in it",
			read: matching(&s.StackName, `^[a-z][a-z0-9]*(-[a-z0-9]+)*$`, 30, "up to 30 lower-case letters, digits and hyphens"),
		},
		{
			name: "managedBucket",
			help: "bucket `<org>-<env>-managed` to which TRIGGER is uploaded; required",
			read: matching(&s.ManagedBucket, `^[a-z][a-z0-9]+-[a-z][a-z0-9]+-managed$`, 63, "a name like digipres-dev1-managed"),
		},
		{
			name: "createManagedBucket", fallback: "false",
			help: "`true` makes the managed bucket; otherwise it is somebody else's, and left as it is",
			read: boolean(&s.CreateManagedBucket),
		},
		{
			name: "alertEmails",
			help: "addresses that failures and alarms are mailed to, separated by commas",
			read: emails(&s.AlertEmails),
		},
		{
			name: "maxConcurrency", fallback: "10",
			help: "people synced at a time; SFTPGo refuses an address with more than 20 connections unless it is told otherwise",
			read: between(&s.MaxConcurrency, 1, 1000),
		},
		{
			name: "architecture", fallback: string(ARM64),
			help: "processor of the Lambdas: `arm64` or `x86_64`",
			read: oneOf(&s.Architecture, ARM64, X8664),
		},
		{
			name: "logLevel", fallback: "info",
			help: "`debug`, `info`, `warn` or `error`",
			read: oneOf(&s.LogLevel, "debug", "info", "warn", "error"),
		},
		{
			name: "sftpgoHost", variable: "SFTPGO_HOST",
			help: "SFTPGo's address, a URL; required",
			read: webAddress(&s.SFTPGo.Host),
		},
		{
			name: "sftpgoUsername", variable: "SFTPGO_USERNAME",
			help: "SFTPGo administrator, or a reference to one; required unless there is an API key",
			read: text(&s.SFTPGo.Username),
		},
		{
			name: "sftpgoPassword", variable: "SFTPGO_PASSWORD",
			help: "reference to the administrator's password, `ssm:/sftpgo/password` unless there is an API key",
			read: reference(&s.SFTPGo.Password, "/sftpgo/password"),
		},
		{
			name: "sftpgoApiKey", variable: "SFTPGO_API_KEY",
			help: "reference to an API key, instead of username and password",
			read: reference(&s.SFTPGo.APIKey, "/sftpgo/api-key"),
		},
		{
			name: "s3Endpoint",
			help: "S3 endpoint that SFTPGo's folders use, for a store or a network of one's own; AWS's by default",
			read: webAddress(&s.S3Endpoint),
		},
		{
			name: "accessKeyPrefix", fallback: "/iam/access_key/",
			help: "where in Parameter Store the users' access key ids are",
			read: parameterPrefix(&s.AccessKeyPrefix),
		},
		{
			name: "secretKeyPrefix", fallback: "/iam/secret_key/",
			help: "where in Parameter Store the users' secret keys are",
			read: parameterPrefix(&s.SecretKeyPrefix),
		},
	}
}
