package syncusers

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/infra/settings"
)

// read returns the settings of a context.
func read(context map[string]any, environment func(string) string) (*Settings, error) {
	s := new(Settings)
	return s, settings.Read(s, context, environment)
}

// enough is what every installation has to say.
func enough(more map[string]any) map[string]any {
	context := map[string]any{
		"managedBucket": "digipres-dev1-managed", "sftpgoHost": "https://sftpgo.example.org", "sftpgoUsername": "admin",
	}
	for name, value := range more {
		context[name] = value
	}
	return context
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	have, err := read(enough(nil), noEnvironment)
	require.NoError(t, err)
	assert.Equal(t, &Settings{
		ManagedBucket:   "digipres-dev1-managed",
		Server:          "sftpgo",
		SessionPolicy:   true,
		AccountTag:      "Email",
		SFTPGoHost:      "https://sftpgo.example.org",
		SFTPGoUsername:  "admin",
		SFTPGoPassword:  "ssm:/sftpgo/password",
		AccessKeyPrefix: "/iam/access_key/",
		SecretKeyPrefix: "/iam/secret_key/",
		ChildExecutions: "STANDARD",
		MaxConcurrency:  10,
		Scheduled:       settings.Scheduled{ScheduleEnabled: true, ScheduleTimeZone: "UTC"},
		Common: settings.Common{
			System:            "sync-users",
			StackName:         "sync-users",
			Architecture:      "arm64",
			MemoryMB:          256,
			LogLevel:          "info",
			LogRetentionDays:  90,
			RunsRetentionDays: 90,
		},
	}, have)
}

func TestRead(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give map[string]any
		want func(*Settings) any
		is   any
	}{
		{"text as -c gives it", map[string]any{"maxConcurrency": "15"}, func(s *Settings) any { return s.MaxConcurrency }, 15},
		{"number of cdk.json", map[string]any{"maxConcurrency": 15.0}, func(s *Settings) any { return s.MaxConcurrency }, 15},
		{"boolean of cdk.json", map[string]any{"tracing": true}, func(s *Settings) any { return s.Tracing }, true},
		{"empty is not given", map[string]any{"memory": ""}, func(s *Settings) any { return s.MemoryMB }, 256},
		{"list of cdk.json", map[string]any{"alertEmails": []any{"a@example.org", "b@example.org"}}, func(s *Settings) any { return s.AlertEmails }, []string{"a@example.org", "b@example.org"}},
		{"list as -c gives it", map[string]any{"alertEmails": "a@example.org, b@example.org"}, func(s *Settings) any { return s.AlertEmails }, []string{"a@example.org", "b@example.org"}},
		{"host without its last slash", map[string]any{"sftpgoHost": "https://sftpgo.example.org/"}, func(s *Settings) any { return s.SFTPGoHost }, "https://sftpgo.example.org"},
		{"http to a VPC", map[string]any{"sftpgoHost": "http://sftpgo.internal", "vpc": "vpc-01234567", "subnets": "subnet-01234567"}, func(s *Settings) any { return s.SFTPGoHost }, "http://sftpgo.internal"},
		{"http to this machine", map[string]any{"sftpgoHost": "http://127.0.0.1:8080"}, func(s *Settings) any { return s.SFTPGoHost }, "http://127.0.0.1:8080"},
		{"http to this machine by IPv6", map[string]any{"sftpgoHost": "http://[::1]:8080"}, func(s *Settings) any { return s.SFTPGoHost }, "http://[::1]:8080"},
		{"http to this machine by name", map[string]any{"sftpgoHost": "http://localhost"}, func(s *Settings) any { return s.SFTPGoHost }, "http://localhost"},
		{"multi-Region key", map[string]any{"topicKey": "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-00000000000040008000000000000001"}, func(s *Settings) any { return s.TopicKey }, "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-00000000000040008000000000000001"},
		{"other password", map[string]any{"sftpgoPassword": "ssm:/a/b"}, func(s *Settings) any { return s.SFTPGoPassword }, "ssm:/a/b"},
		{"API key alone", map[string]any{"sftpgoUsername": "", "sftpgoApiKey": "ssm:/key"}, func(s *Settings) any { return []string{s.SFTPGoUsername, s.SFTPGoPassword, s.SFTPGoAPIKey} }, []string{"", "", "ssm:/key"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			settings, err := read(enough(test.give), noEnvironment)
			require.NoError(t, err)
			assert.Equal(t, test.is, test.want(settings))
		})
	}
}

func TestReadSettingsTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give map[string]any
		want string
	}{
		{"bucket of no stack", map[string]any{"managedBucket": "managed"}, `setting managedBucket: "managed" is not a name like digipres-dev1-managed`},
		{"neither true nor false", map[string]any{"tracing": "yes"}, `setting tracing: "yes" is neither true nor false`},
		{"no URL", map[string]any{"sftpgoHost": "sftpgo.example.org"}, "setting sftpgoHost: this is not a URL like https://sftpgo.example.org"},
		{"URL with a password", map[string]any{"sftpgoHost": "https://a:hunter2@example.org"}, "setting sftpgoHost: a URL with a password in it would end in the template: leave the part before @ out"},
		{"URL with a query", map[string]any{"sftpgoHost": "https://x.example.org/path?q=1"}, "setting sftpgoHost: nothing can be put behind a query or fragment: leave the part from ? or # on out"},
		{"URL with an empty query", map[string]any{"sftpgoHost": "https://x.example.org/path?"}, "setting sftpgoHost: nothing can be put behind a query or fragment: leave the part from ? or # on out"},
		{"URL with a fragment", map[string]any{"s3Endpoint": "https://s3.example.org#top"}, "setting s3Endpoint: nothing can be put behind a query or fragment: leave the part from ? or # on out"},
		{"URL with a port that is none", map[string]any{"sftpgoHost": "https://x.example.org:99999"}, "setting sftpgoHost: the port is not a number from 1 to 65535"},
		{"password in clear over the Internet", map[string]any{"sftpgoHost": "HTTP://sftpgo.example.org"}, "setting sftpgoHost: http shows the password to every network on the way: give https://…, or the subnets of the VPC where SFTPGo is"},
		{"password itself", map[string]any{"sftpgoPassword": "hunter2"}, "setting sftpgoPassword: this is the secret itself, which anybody who may read the CloudFormation stack would see: keep it in Parameter Store with `SFTPGO_PASSWORD=… make keep-secret`, then deploy with SFTPGO_PASSWORD=ssm:/sftpgo/password"},
		{"API key itself", map[string]any{"sftpgoUsername": "", "sftpgoApiKey": "hunter2"}, "setting sftpgoApiKey: this is the secret itself, which anybody who may read the CloudFormation stack would see: keep it in Parameter Store with `SFTPGO_API_KEY=… make keep-secret`, then deploy with SFTPGO_API_KEY=ssm:/sftpgo/api-key"},
		{"reference to nothing", map[string]any{"sftpgoPassword": "ssm:hunter2"}, "setting sftpgoPassword: this is not a reference like ssm:/sftpgo/password"},
		{"username as a wrong reference", map[string]any{"sftpgoUsername": "ssm:admin"}, `setting sftpgoUsername: "ssm:admin" is not a reference like ssm:/sftpgo/username`},
		{"both ways to log in", map[string]any{"sftpgoApiKey": "ssm:/key"}, "setting sftpgoApiKey: it is given together with a username or a password: take one of the two ways away"},
		{"no way to log in", map[string]any{"sftpgoUsername": ""}, "setting sftpgoUsername: it is missing: give it, here or as SFTPGO_USERNAME in the environment, or sftpgoApiKey instead"},
		{"no mail address", map[string]any{"alertEmails": "operators"}, `setting alertEmails: "operators" is not a mail address like operator@example.org`},
		{"mail address on no Internet", map[string]any{"alertEmails": "root@localhost"}, `setting alertEmails: "root@localhost" is not a mail address like operator@example.org`},
		{"mail address that SNS can't take", map[string]any{"alertEmails": "jürgen@example.org"}, `setting alertEmails: "jürgen@example.org" is not a mail address like operator@example.org`},
		{"list of nothing", map[string]any{"alertEmails": ","}, "setting alertEmails: there is nothing between its commas: give something, or leave it out"},
		{"a mail address twice in two cases", map[string]any{"alertEmails": "a@x.org,A@x.org"}, `setting alertEmails: duplicate "A@x.org": give it once`},
		{"a mail address twice", map[string]any{"alertEmails": "a@x.org,a@x.org"}, `setting alertEmails: duplicate "a@x.org": give it once`},
		{"nobody at a time", map[string]any{"maxConcurrency": 0.0}, `setting maxConcurrency: "0" is not a whole number from 1 to 1000`},
		{"half a person at a time", map[string]any{"maxConcurrency": 0.5}, `setting maxConcurrency: "0.5" is not a whole number from 1 to 1000`},
		{"processor of another kind", map[string]any{"architecture": "riscv"}, `setting architecture: "riscv" is not one of arm64, x86_64`},
		{"level of another kind", map[string]any{"logLevel": "verbose"}, `setting logLevel: "verbose" is not one of debug, info, warn, error`},
		{"days that CloudWatch does not know", map[string]any{"logRetentionDays": 100.0}, `setting logRetentionDays: "100" is not one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653`},
		{"prefix without a slash", map[string]any{"accessKeyPrefix": "/iam/access_key"}, `setting accessKeyPrefix: "/iam/access_key" is not a path like /iam/access_key/, with a slash at both ends, that AWS does not reserve (/aws, /ssm)`},
		{"prefix that AWS keeps", map[string]any{"accessKeyPrefix": "/AWS/keys/"}, `setting accessKeyPrefix: "/AWS/keys/" is not a path like /iam/access_key/, with a slash at both ends, that AWS does not reserve (/aws, /ssm)`},
		{"two wrong prefixes", map[string]any{"accessKeyPrefix": "a", "secretKeyPrefix": "a"}, `setting accessKeyPrefix: "a" is not a path like /iam/access_key/, with a slash at both ends, that AWS does not reserve (/aws, /ssm)
setting secretKeyPrefix: "a" is not a path like /iam/secret_key/, with a slash at both ends, that AWS does not reserve (/aws, /ssm)`},
		{"one prefix for both", map[string]any{"secretKeyPrefix": "/iam/access_key/"}, "setting secretKeyPrefix: it is the same as accessKeyPrefix: the two keys of a user need two places"},
		{"key by its alias", map[string]any{"bucketsKey": "alias/aws/s3"}, `setting bucketsKey: "alias/aws/s3" is not the ARN of a key like arn:aws:kms:eu-west-1:123456789012:key/…; an alias can't be granted`},
		{"key of another service", map[string]any{"topicKey": "arn:aws:sns:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000001"}, `setting topicKey: "arn:aws:sns:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000001" is not the ARN of a key like arn:aws:kms:eu-west-1:123456789012:key/…; an alias can't be granted`},
		{"key without its whole id", map[string]any{"topicKey": "arn:aws:kms:eu-west-1:123456789012:key/00000000"}, `setting topicKey: "arn:aws:kms:eu-west-1:123456789012:key/00000000" is not the ARN of a key like arn:aws:kms:eu-west-1:123456789012:key/…; an alias can't be granted`},
		{"a tag that IAM does not take", map[string]any{"accountTag": "Sftp*"}, `setting accountTag: "Sftp*" is not the key of a tag like SftpName`},
		{"VPC with half an id", map[string]any{"vpc": "vpc-0123", "subnets": "subnet-01234567"}, `setting vpc: "vpc-0123" is not an id like vpc-0123456789abcdef0`},
		{"subnet twice", map[string]any{"vpc": "vpc-01234567", "subnets": "subnet-01234567,subnet-01234567"}, `setting subnets: duplicate "subnet-01234567": give it once`},
		{"more security groups than Lambda takes", map[string]any{"subnets": "subnet-01234567", "securityGroups": "sg-00000001,sg-00000002,sg-00000003,sg-00000004,sg-00000005,sg-00000006"}, "setting securityGroups: these are 6, and Lambda takes 5 at most"},
		{"subnet by its name", map[string]any{"vpc": "vpc-01234567", "subnets": "private-a"}, `setting subnets: "private-a" is not an id like subnet-0123456789abcdef0`},
		{"subnets in no VPC", map[string]any{"subnets": "subnet-01234567"}, "setting subnets: they come without a vpc, in which a security group can be created, and without securityGroups: give one of the two"},
		{"VPC without subnets", map[string]any{"vpc": "vpc-01234567"}, "setting subnets: they are missing: a vpc or securityGroups alone put no Lambda anywhere"},
		{"name with capitals", map[string]any{"stackName": "SyncUsers"}, `setting stackName: "SyncUsers" is not a name of lower-case letters, digits and hyphens, 30 at most`},
		{"name too long for a bucket", map[string]any{"stackName": strings.Repeat("a", 31)}, `setting stackName: "` + strings.Repeat("a", 31) + `" is not a name of lower-case letters, digits and hyphens, 30 at most`},
		{"nothing that can be read", map[string]any{"memory": []any{struct{}{}}}, "setting memory: a struct {} is not the value of a setting"},
		{"file that is not there", map[string]any{"settings": "nowhere.json"}, "setting settings: there is no file to read: open nowhere.json: no such file or directory"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := read(enough(test.give), noEnvironment)
			require.Error(t, err)
			assert.Equal(t, test.want, err.Error())
			assert.NotContains(t, err.Error(), "hunter2")
		})
	}
}

func TestSettingsOfTheEnvironment(t *testing.T) {
	t.Parallel()
	environment := func(name string) string {
		return map[string]string{
			"SFTPGO_HOST": "https://sftpgo.example.org", "SFTPGO_USERNAME": "admin", "SFTPGO_PASSWORD": "ssm:/password",
		}[name]
	}
	bucket := map[string]any{"managedBucket": "digipres-dev1-managed"}
	settings, err := read(bucket, environment)
	require.NoError(t, err)
	assert.Equal(t, "https://sftpgo.example.org", settings.SFTPGoHost)
	assert.Equal(t, "admin", settings.SFTPGoUsername)
	assert.Equal(t, "ssm:/password", settings.SFTPGoPassword)

	bucket["sftpgoHost"] = "https://sftpgo.example.com"
	_, err = read(bucket, environment)
	require.EqualError(t, err, "setting sftpgoHost: it is given, and SFTPGO_HOST in the environment says otherwise: take one of them away")
}

func TestContextComesBeforeTheFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "settings.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"memory": 512, "logLevel": "debug"}`), 0o600))
	settings, err := read(enough(map[string]any{settings.FileSetting: file, "memory": "1024"}), noEnvironment)
	require.NoError(t, err)
	assert.Equal(t, 1024, settings.MemoryMB)
	assert.Equal(t, "debug", settings.LogLevel)
}

func TestKeysOfAnotherRegion(t *testing.T) {
	t.Parallel()
	deployTo := func(account, region string) func(string) string {
		return func(name string) string {
			return map[string]string{"CDK_DEFAULT_ACCOUNT": account, "CDK_DEFAULT_REGION": region}[name]
		}
	}
	context := map[string]any{settings.FileSetting: "../examples/large.json"}
	tests := []struct {
		name string
		give func(string) string
		want []string
	}{
		{"same region and account", deployTo("123456789012", "eu-west-1"), nil},
		{"without credentials the region is a guess", deployTo("", "us-east-1"), nil},
		{"another region", deployTo("123456789012", "us-east-1"), []string{
			"setting parametersKey: the key is in eu-west-1, and the deploy goes to us-east-1: give a key that is there, or deploy with AWS_REGION=eu-west-1",
			"setting bucketsKey: the key is in eu-west-1, and the deploy goes to us-east-1: give a key that is there, or deploy with AWS_REGION=eu-west-1",
			"setting topicKey: the key is in eu-west-1, and the deploy goes to us-east-1: give a key that is there, or deploy with AWS_REGION=eu-west-1",
		}},
		{"key of another account", deployTo("210987654321", "eu-west-1"), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := read(context, test.give)
			if test.want == nil {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, strings.Join(test.want, "\n"))
		})
	}
}

func noEnvironment(string) string { return "" }
