package main

import (
	"maps"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
)

// Functions are the workflow's three Lambdas.
type Functions struct {
	DiscoverUsers, SyncUser, SummarizeRun awslambda.Function
}

// NewFunctions makes the three Lambdas, each with what it needs and no more.
func NewFunctions(scope constructs.Construct, settings *Settings, names *names, code map[string]string) *Functions {
	return &Functions{
		DiscoverUsers: NewFunction(scope, "DiscoverUsers", &FunctionProps{
			Settings:       settings,
			Name:           names.of(discoverUsers),
			Description:    "Reads memberships and buckets, and lists who should have what",
			Code:           code[discoverUsers],
			TimeoutSeconds: 300,
			Environment: map[string]string{
				"RUNS_BUCKET":     *names.runsBucket,
				"MANAGED_BUCKET":  settings.ManagedBucket,
				"MAX_CONCURRENCY": strconv.Itoa(settings.MaxConcurrency),
			},
			Permissions: []permission{
				// IAM and S3 know no narrower resource for reading the whole account's
				// users and listing its buckets.
				{Actions: []string{"iam:GetAccountAuthorizationDetails", "s3:ListAllMyBuckets"}, Resources: []*string{everything}},
				// Which buckets there are is what the function finds out.
				{Actions: []string{"s3:GetBucketLocation"}, Resources: []*string{names.bucket("*")}},
				{Actions: []string{"s3:GetObject", "s3:PutObject"}, Resources: []*string{names.runsObjects("turn.json")}},
				// Without it S3 says 403 and not 404 of a turn that nobody took yet.
				{Actions: []string{"s3:ListBucket"}, Resources: []*string{names.bucket(*names.runsBucket)}},
				{Actions: []string{"s3:PutObject"}, Resources: []*string{names.runsObjects("runs/*/users.json")}},
				{Actions: []string{"states:DescribeExecution"}, Resources: []*string{names.executions()}},
			},
		}),
		SyncUser: NewFunction(scope, "SyncUser", &FunctionProps{
			Settings:       settings,
			Name:           names.of(syncUser),
			Description:    "Makes one person's SFTPGo account show the buckets of their stacks",
			Code:           code[syncUser],
			TimeoutSeconds: 120,
			Environment:    connection(settings),
			Permissions: []permission{
				{Actions: []string{"ssm:GetParameters"}, Resources: names.parameters(settings)},
			},
		}),
		SummarizeRun: NewFunction(scope, "SummarizeRun", &FunctionProps{
			Settings:       settings,
			Name:           names.of(summarizeRun),
			Description:    "Makes a run's results into its report and the text of the mail",
			Code:           code[summarizeRun],
			TimeoutSeconds: 300,
			Environment:    map[string]string{"RUNS_BUCKET": *names.runsBucket},
			Permissions: []permission{
				{Actions: []string{"s3:GetObject"}, Resources: []*string{names.runsObjects("runs/*")}},
				{Actions: []string{"s3:PutObject"}, Resources: []*string{names.runsObjects("runs/*/report.json")}},
			},
		}),
	}
}

// connection is the environment by which sync-user finds SFTPGo and the keys.
// Secrets are references here: ReadSettings takes no other.
func connection(settings *Settings) map[string]string {
	environment := map[string]string{
		"SFTPGO_HOST":       settings.SFTPGo.Host,
		"ACCESS_KEY_PREFIX": settings.AccessKeyPrefix,
		"SECRET_KEY_PREFIX": settings.SecretKeyPrefix,
	}
	maps.Copy(environment, present(map[string]string{
		"SFTPGO_USERNAME":    settings.SFTPGo.Username,
		"SFTPGO_PASSWORD":    settings.SFTPGo.Password,
		"SFTPGO_API_KEY":     settings.SFTPGo.APIKey,
		"SFTPGO_S3_ENDPOINT": settings.S3Endpoint,
	}))
	return environment
}

// present leaves out what has no value.
func present(values map[string]string) map[string]string {
	maps.DeleteFunc(values, func(_, value string) bool { return value == "" })
	return values
}
