package syncusers

import (
	"slices"
	"strconv"

	"github.com/aws/constructs-go/constructs/v10"

	"github.com/digipres/sync-users/infra/construct"
	"github.com/digipres/sync-users/statemachine"
)

// The functions, by the names of their folders.
const (
	discoverUsers = "discover-users"
	summarizeRun  = "summarize-run"
)

// Functions returns the names of the folders of the workflow's Lambdas.
func (s *Settings) Functions() []string {
	return []string{discoverUsers, s.server().function, summarizeRun}
}

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
// transferRoles are the roles of Transfer users.
func newFunctions(scope constructs.Construct, settings *Settings, names *construct.Names, code map[string]string, transferRoles []*string) *functions {
	return &functions{
		discoverUsers: construct.NewFunction(scope, "DiscoverUsers", &settings.Common, names, code, &construct.FunctionProps{
			Name:           discoverUsers,
			Description:    "Reads memberships and buckets, and lists who should have what",
			TimeoutSeconds: 300,
			Environment:    discoverVariables(settings, names),
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
		syncUser: construct.NewFunction(scope, "SyncUser", &settings.Common, names, code, syncFunction(scope, settings, names, transferRoles)),
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

// syncFunction is what differs between the servers on which people have accounts.
func syncFunction(scope constructs.Construct, settings *Settings, names *construct.Names, transferRoles []*string) *construct.FunctionProps {
	var props *construct.FunctionProps
	if settings.Transfer() {
		props = transferFunction(settings, names, transferRoles)
	} else {
		props = sftpgoFunction(scope, settings, names)
	}
	props.TimeoutSeconds = statemachine.SyncSeconds
	if settings.ExpressChildren() {
		props.TimeoutSeconds = statemachine.ExpressSyncSeconds
	}
	props.Environment["RUNS_BUCKET"] = names.RunsBucket
	return props
}

func discoverVariables(settings *Settings, names *construct.Names) map[string]string {
	environment := map[string]string{
		"RUNS_BUCKET":     names.RunsBucket,
		"MANAGED_BUCKET":  settings.ManagedBucket,
		"MAX_CONCURRENCY": strconv.Itoa(settings.MaxConcurrency),
	}
	if settings.AccountTag != "Email" {
		environment["ACCOUNT_TAG"] = settings.AccountTag
	}
	return environment
}
