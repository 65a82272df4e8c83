package main

import (
	"maps"
	"slices"
	"strconv"

	"github.com/aws/constructs-go/constructs/v10"
)

// Functions are the workflow's three Lambdas.
type Functions struct {
	DiscoverUsers, SyncUser, SummarizeRun *Function
}

func (f *Functions) all() []*Function {
	return []*Function{f.DiscoverUsers, f.SyncUser, f.SummarizeRun}
}

// NewFunctions makes the three Lambdas, each with what it needs and no more.
func NewFunctions(scope constructs.Construct, settings *Settings, names *names, code map[string]string) *Functions {
	return &Functions{
		DiscoverUsers: NewFunction(scope, "DiscoverUsers", &FunctionProps{
			Settings:       settings,
			Names:          names,
			Name:           discoverUsers,
			Description:    "Reads memberships and buckets, and lists who should have what",
			Code:           code[discoverUsers],
			TimeoutSeconds: 300,
			Environment: map[string]string{
				"RUNS_BUCKET":     names.runsBucket,
				"MANAGED_BUCKET":  settings.ManagedBucket,
				"MAX_CONCURRENCY": strconv.Itoa(settings.MaxConcurrency),
			},
			Permissions: slices.Concat([]permission{
				// Reading all users, and listing all buckets, knows no narrower resource.
				{Actions: []string{"iam:GetAccountAuthorizationDetails", "s3:ListAllMyBuckets"}, Resources: everything},
				// Which buckets there are is what the function finds out.
				{Actions: []string{"s3:GetBucketLocation"}, Resources: []*string{names.bucket("*")}},
				// Without it S3 says 403 and not 404 of a turn that nobody took yet.
				{Actions: []string{"s3:ListBucket"}, Resources: []*string{names.bucket(names.runsBucket)}},
				{Actions: []string{"s3:GetObject", "s3:PutObject"}, Resources: names.runsObjects("turn.json")},
				{Actions: []string{"s3:PutObject"}, Resources: names.runsObjects("runs/*/users.json")},
				{Actions: []string{"states:DescribeExecution"}, Resources: []*string{names.executions()}},
				// Whether a newer run waits too.
				{Actions: []string{"states:ListExecutions"}, Resources: []*string{names.stateMachine()}},
			}, bucketsKeyPermissions(settings, names)),
		}),
		SyncUser: NewFunction(scope, "SyncUser", &FunctionProps{
			Settings:       settings,
			Names:          names,
			Name:           syncUser,
			Description:    "Makes one person's SFTPGo account show the buckets of their stacks",
			Code:           code[syncUser],
			TimeoutSeconds: 120,
			Environment:    connection(settings, names),
			Permissions: slices.Concat([]permission{
				{Actions: []string{"ssm:GetParameters"}, Resources: names.parameters(settings)},
				// Whether its run still has the lock.
				{Actions: []string{"s3:GetObject"}, Resources: names.runsObjects("turn.json")},
			}, parametersKeyPermissions(settings, names), bucketsKeyReadPermissions(settings, names)),
			// The only one that talks to SFTPGo, and so the only one that has to be
			// where SFTPGo is: IAM, which discovery reads, is not to be had in a VPC
			// without a way to the internet.
			Network: NewNetwork(scope, settings),
		}),
		SummarizeRun: NewFunction(scope, "SummarizeRun", &FunctionProps{
			Settings:       settings,
			Names:          names,
			Name:           summarizeRun,
			Description:    "Makes a run's results into its report and the text of the mail",
			Code:           code[summarizeRun],
			TimeoutSeconds: 300,
			Environment:    map[string]string{"RUNS_BUCKET": names.runsBucket},
			Permissions: append([]permission{
				{Actions: []string{"s3:GetObject"}, Resources: names.runsObjects("runs/*")},
				{Actions: []string{"s3:PutObject"}, Resources: names.runsObjects("runs/*/report.json")},
			}, bucketsKeyPermissions(settings, names)...),
		}),
	}
}

// connection is the environment by which sync-user finds SFTPGo, the keys and the lock.
// Secrets are references in it: ReadSettings takes no other.
func connection(settings *Settings, names *names) map[string]string {
	environment := map[string]string{
		"RUNS_BUCKET":        names.runsBucket,
		"SFTPGO_HOST":        settings.SFTPGo.Host,
		"SFTPGO_USERNAME":    settings.SFTPGo.Username,
		"SFTPGO_PASSWORD":    settings.SFTPGo.Password,
		"SFTPGO_API_KEY":     settings.SFTPGo.APIKey,
		"SFTPGO_S3_ENDPOINT": settings.SFTPGo.S3Endpoint,
		"ACCESS_KEY_PREFIX":  settings.Parameters.AccessKeyPrefix,
		"SECRET_KEY_PREFIX":  settings.Parameters.SecretKeyPrefix,
	}
	maps.DeleteFunc(environment, func(_, value string) bool { return value == "" })
	return environment
}
