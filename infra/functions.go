package main

import (
	"maps"
	"slices"
	"strconv"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/settings"
	"github.com/digipres/sync-users/statemachine"
)

// Functions are the workflow's three Lambdas.
type Functions struct {
	DiscoverUsers, SyncUser, SummarizeRun *Function
}

// logs returns the names of their log groups.
func (f *Functions) logs() *[]*string {
	return jsii.Strings(f.DiscoverUsers.Log, f.SyncUser.Log, f.SummarizeRun.Log)
}

// NewFunctions creates the three Lambdas, each with what it needs and no more.
func NewFunctions(scope constructs.Construct, settings *settings.SyncUsers, names *names, code map[string]string) *Functions {
	syncSeconds := statemachine.SyncSeconds
	if settings.ExpressChildren() {
		syncSeconds = statemachine.ExpressSyncSeconds
	}
	return &Functions{
		DiscoverUsers: NewFunction(scope, "DiscoverUsers", settings, names, code, &FunctionProps{
			Name:           discoverUsers,
			Description:    "Reads memberships and buckets, and lists who should have what",
			TimeoutSeconds: 300,
			Environment: map[string]string{
				"RUNS_BUCKET":     names.runsBucket,
				"MANAGED_BUCKET":  settings.ManagedBucket,
				"MAX_CONCURRENCY": strconv.Itoa(settings.MaxConcurrency),
			},
			Permissions: slices.Concat([]permission{
				// Reading all users, and listing all buckets, knows no narrower resource.
				{Actions: []string{"iam:GetAccountAuthorizationDetails", "s3:ListAllMyBuckets"}, Resources: anyResource},
				// Any bucket may turn out to be a stack's.
				{Actions: []string{"s3:GetBucketLocation"}, Resources: []*string{names.bucketARN("*")}},
				// Without it S3 answers 403 and not 404 for a lock that does not exist yet.
				{Actions: []string{"s3:ListBucket"}, Resources: []*string{names.bucketARN(names.runsBucket)}},
				{Actions: []string{"s3:GetObject", "s3:PutObject"}, Resources: names.runsObjectARNs(lockKey)},
				{Actions: []string{"s3:PutObject"}, Resources: names.runsObjectARNs("runs/*/users.json")},
				{Actions: []string{"states:DescribeExecution"}, Resources: []*string{names.executionARNs()}},
				// To find a newer run that waits too.
				{Actions: []string{"states:ListExecutions"}, Resources: []*string{names.stateMachineARN()}},
			}, bucketsKeyPermissions(settings, names)),
		}),
		SyncUser: NewFunction(scope, "SyncUser", settings, names, code, &FunctionProps{
			Name:           syncUser,
			Description:    "Makes one person's SFTPGo account show the buckets of their stacks",
			TimeoutSeconds: syncSeconds,
			Environment:    syncUserVariables(settings, names),
			Permissions: slices.Concat([]permission{
				{Actions: []string{"ssm:GetParameters"}, Resources: names.parameterARNs(settings)},
				// To verify that its run still has the lock.
				{Actions: []string{"s3:GetObject"}, Resources: names.runsObjectARNs(lockKey)},
			}, parametersKeyPermissions(settings, names), bucketsKeyReadPermissions(settings, names)),
			// This is the only function that connects to SFTPGo. discover-users reads
			// IAM, which can't be reached from a VPC without a way to the internet.
			VPC: NewVPCConfig(scope, settings),
		}),
		SummarizeRun: NewFunction(scope, "SummarizeRun", settings, names, code, &FunctionProps{
			Name:           summarizeRun,
			Description:    "Makes a run's results into its report and the text of the mail",
			TimeoutSeconds: 300,
			Environment:    map[string]string{"RUNS_BUCKET": names.runsBucket},
			Permissions: append([]permission{
				{Actions: []string{"s3:GetObject"}, Resources: names.runsObjectARNs("runs/*")},
				{Actions: []string{"s3:PutObject"}, Resources: slices.Concat(
					names.runsObjectARNs("runs/*/report.json"), names.runsObjectARNs("runs/*/report.html"), names.runsObjectARNs("runs/*/summary.json"))},
			}, bucketsKeyPermissions(settings, names)...),
		}),
	}
}

// syncUserVariables returns the environment by which sync-user finds SFTPGo, the
// keys and the lock. Secrets are references in it, because settings accept nothing else.
func syncUserVariables(settings *settings.SyncUsers, names *names) map[string]string {
	environment := map[string]string{
		"RUNS_BUCKET":        names.runsBucket,
		"SFTPGO_HOST":        settings.SFTPGoHost,
		"SFTPGO_USERNAME":    settings.SFTPGoUsername,
		"SFTPGO_PASSWORD":    settings.SFTPGoPassword,
		"SFTPGO_API_KEY":     settings.SFTPGoAPIKey,
		"SFTPGO_S3_ENDPOINT": settings.S3Endpoint,
		"ACCESS_KEY_PREFIX":  settings.AccessKeyPrefix,
		"SECRET_KEY_PREFIX":  settings.SecretKeyPrefix,
	}
	maps.DeleteFunc(environment, func(_, value string) bool { return value == "" })
	return environment
}
