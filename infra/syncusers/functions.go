package syncusers

import (
	"maps"
	"slices"
	"strconv"

	"github.com/aws/constructs-go/constructs/v10"

	"github.com/digipres/sync-users/infra/construct"
	"github.com/digipres/sync-users/statemachine"
)

// The functions, by the names of their folders.
const (
	discoverUsers = "discover-users"
	syncUser      = "sync-user"
	summarizeRun  = "summarize-run"
)

// Functions returns the names of the folders of the workflow's Lambdas.
func (s *Settings) Functions() []string { return []string{discoverUsers, syncUser, summarizeRun} }

// functions are the workflow's three Lambdas.
type functions struct {
	discoverUsers, syncUser, summarizeRun *construct.Function
}

func (f *functions) all() []*construct.Function {
	return []*construct.Function{f.discoverUsers, f.syncUser, f.summarizeRun}
}

// logs returns the names of their log groups.
func (f *functions) logs() []string {
	return []string{f.discoverUsers.Log, f.syncUser.Log, f.summarizeRun.Log}
}

// newFunctions creates the three Lambdas, each with what it needs and no more.
func newFunctions(scope constructs.Construct, settings *Settings, names *construct.Names, code map[string]string) *functions {
	syncSeconds := statemachine.SyncSeconds
	if settings.ExpressChildren() {
		syncSeconds = statemachine.ExpressSyncSeconds
	}
	return &functions{
		discoverUsers: construct.NewFunction(scope, "DiscoverUsers", &settings.Common, names, code, &construct.FunctionProps{
			Name:           discoverUsers,
			Description:    "Reads memberships and buckets, and lists who should have what",
			TimeoutSeconds: 300,
			Environment: map[string]string{
				"RUNS_BUCKET":     names.RunsBucket,
				"MANAGED_BUCKET":  settings.ManagedBucket,
				"MAX_CONCURRENCY": strconv.Itoa(settings.MaxConcurrency),
			},
			Permissions: slices.Concat([]construct.Permission{
				// Reading all users, and listing all buckets, knows no narrower resource.
				{Actions: []string{"iam:GetAccountAuthorizationDetails", "s3:ListAllMyBuckets"}, Resources: construct.AnyResource},
				// Any bucket may turn out to be a stack's.
				{Actions: []string{"s3:GetBucketLocation"}, Resources: []*string{names.BucketARN("*")}},
				// Without it S3 answers 403 and not 404 for a lock that does not exist yet.
				{Actions: []string{"s3:ListBucket"}, Resources: []*string{names.BucketARN(names.RunsBucket)}},
				{Actions: []string{"s3:GetObject", "s3:PutObject"}, Resources: names.RunsObjectARNs(construct.LockKey)},
				{Actions: []string{"s3:PutObject"}, Resources: names.RunsObjectARNs("runs/*/users.json")},
				{Actions: []string{"states:DescribeExecution"}, Resources: []*string{names.ExecutionARNs()}},
				// To find a newer run that waits too.
				{Actions: []string{"states:ListExecutions"}, Resources: []*string{names.StateMachineARN()}},
			}, construct.BucketsKeyPermissions(&settings.Common, names)),
		}),
		syncUser: construct.NewFunction(scope, "SyncUser", &settings.Common, names, code, &construct.FunctionProps{
			Name:           syncUser,
			Description:    "Makes one person's SFTPGo account show the buckets of their stacks",
			TimeoutSeconds: syncSeconds,
			Environment:    syncUserVariables(settings, names),
			Permissions: slices.Concat([]construct.Permission{
				{Actions: []string{"ssm:GetParameters"}, Resources: parameterARNs(settings, names)},
				// To verify that its run still has the lock.
				{Actions: []string{"s3:GetObject"}, Resources: names.RunsObjectARNs(construct.LockKey)},
			}, parametersKeyPermissions(settings, names), construct.BucketsKeyReadPermissions(&settings.Common, names)),
			// This is the only function that connects to SFTPGo. discover-users reads
			// IAM, which can't be reached from a VPC without a way to the internet.
			VPC: construct.NewVPCConfig(scope, names, &settings.Network, "SFTPGo", sftpgoPorts(settings.SFTPGoHost)...),
		}),
		summarizeRun: construct.NewFunction(scope, "SummarizeRun", &settings.Common, names, code, &construct.FunctionProps{
			Name:           summarizeRun,
			Description:    "Makes a run's results into its report and the text of the mail",
			TimeoutSeconds: 300,
			Environment:    map[string]string{"RUNS_BUCKET": names.RunsBucket},
			Permissions: append([]construct.Permission{
				{Actions: []string{"s3:GetObject"}, Resources: names.RunsObjectARNs("runs/*")},
				{Actions: []string{"s3:PutObject"}, Resources: slices.Concat(
					names.RunsObjectARNs("runs/*/report.json"), names.RunsObjectARNs("runs/*/report.html"), names.RunsObjectARNs("runs/*/summary.json"),
					names.RunsObjectARNs("changes/*"))},
			}, construct.BucketsKeyPermissions(&settings.Common, names)...),
		}),
	}
}

// syncUserVariables returns the environment by which sync-user finds SFTPGo, the
// keys and the lock. Secrets are references in it, because settings accept nothing else.
func syncUserVariables(settings *Settings, names *construct.Names) map[string]string {
	environment := map[string]string{
		"RUNS_BUCKET":        names.RunsBucket,
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
