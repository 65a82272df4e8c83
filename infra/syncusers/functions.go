package syncusers

import (
	"slices"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/digipres/sync-users/infra/construct"
	"github.com/digipres/sync-users/statemachine"
)

// The functions, by the names of their folders.
const (
	discoverUsers = "discover-users"
	summarizeRun  = "summarize-run"
	listAccounts  = "list-accounts"
)

// Functions returns the names of the folders of the workflow's Lambdas.
func (s *Settings) Functions() []string {
	names := []string{discoverUsers, s.server().function, summarizeRun}
	if !s.Transfer() {
		names = append(names, listAccounts)
	}
	return names
}

// functions are the workflow's Lambdas. listAccounts is nil where accounts are not on SFTPGo.
type functions struct {
	discoverUsers, syncUser, summarizeRun, listAccounts *construct.Function
}

func (f *functions) all() []*construct.Function {
	all := []*construct.Function{f.discoverUsers, f.syncUser, f.summarizeRun}
	if f.listAccounts != nil {
		all = append(all, f.listAccounts)
	}
	return all
}

// logs returns the names of their log groups.
func (f *functions) logs() (names []string) {
	for _, function := range f.all() {
		names = append(names, function.Log)
	}
	return names
}

// newFunctions creates the Lambdas, each with what it needs and no more.
// transferRoles are the roles of Transfer users, and keyChanges is the queue of changed
// keys, if there is one.
func newFunctions(scope constructs.Construct, settings *Settings, names *construct.Names, code map[string]string, transferRoles []*string, keyChanges awssqs.Queue) *functions {
	vpc := sftpgoVPC(scope, settings, names)
	all := &functions{
		discoverUsers: construct.NewFunction(scope, "DiscoverUsers", &settings.Common, names, code, &construct.FunctionProps{
			Name:           discoverUsers,
			Description:    "Reads memberships and buckets, and lists who should have what",
			TimeoutSeconds: 300,
			Environment:    discoverVariables(settings, names, keyChanges),
			Permissions: slices.Concat([]construct.Permission{
				// Reading all users, and listing all buckets, knows no narrower resource.
				{Actions: []string{"iam:GetAccountAuthorizationDetails", "s3:ListAllMyBuckets"}, Resources: construct.AnyResource},
				// Any bucket may turn out to be a stack's.
				{Actions: []string{"s3:GetBucketLocation"}, Resources: []*string{names.BucketARN("*")}},
				// Without it S3 answers 403 and not 404 for what does not exist yet.
				{Actions: []string{"s3:ListBucket"}, Resources: []*string{names.BucketARN(names.RunsBucket)}},
				{Actions: []string{"s3:GetObject", "s3:PutObject"}, Resources: slices.Concat(
					names.RunsObjectARNs(construct.LockKey), names.RunsObjectARNs(attemptKey))},
				{Actions: []string{"s3:GetObject"}, Resources: slices.Concat(
					names.RunsObjectARNs(snapshotKey), names.RunsObjectARNs("runs/*/accounts.json"))},
				{Actions: []string{"s3:PutObject"}, Resources: names.RunsObjectARNs("runs/*/users.json")},
				{Actions: []string{"states:DescribeExecution"}, Resources: []*string{names.ExecutionARNs()}},
				// To find a newer run that waits too.
				{Actions: []string{"states:ListExecutions"}, Resources: []*string{names.StateMachineARN()}},
			}, keyChangesPermissions(keyChanges), construct.BucketsKeyPermissions(&settings.Common, names)),
		}),
		syncUser: construct.NewFunction(scope, "SyncUser", &settings.Common, names, code, syncFunction(settings, names, transferRoles, vpc)),
		summarizeRun: construct.NewFunction(scope, "SummarizeRun", &settings.Common, names, code, &construct.FunctionProps{
			Name:           summarizeRun,
			Description:    "Makes a run's results into its report and the text of the mail",
			TimeoutSeconds: 300,
			Environment:    map[string]string{"RUNS_BUCKET": names.RunsBucket},
			Permissions: append([]construct.Permission{
				// Without it S3 answers 403 and not 404 for a snapshot that does not exist yet.
				{Actions: []string{"s3:ListBucket"}, Resources: []*string{names.BucketARN(names.RunsBucket)}},
				{Actions: []string{"s3:GetObject"}, Resources: names.RunsObjectARNs("runs/*")},
				{Actions: []string{"s3:GetObject", "s3:PutObject"}, Resources: names.RunsObjectARNs(snapshotKey)},
				{Actions: []string{"s3:PutObject"}, Resources: slices.Concat(
					names.RunsObjectARNs("runs/*/report.json"), names.RunsObjectARNs("runs/*/report.html"), names.RunsObjectARNs("runs/*/summary.json"),
					names.RunsObjectARNs("changes/*"))},
			}, construct.BucketsKeyPermissions(&settings.Common, names)...),
		}),
	}
	if !settings.Transfer() {
		all.listAccounts = construct.NewFunction(scope, "ListAccounts", &settings.Common, names, code, listAccountsFunction(settings, names, vpc))
	}
	return all
}

// snapshotKey is the object of the runs bucket that says what the last runs gave.
const snapshotKey = "access.json"

// attemptKey is the object that says which changes scheduled runs tried last.
const attemptKey = "changes.json"

// syncFunction is what differs between the servers on which people have accounts.
func syncFunction(settings *Settings, names *construct.Names, transferRoles []*string, vpc *awslambda.CfnFunction_VpcConfigProperty) *construct.FunctionProps {
	var props *construct.FunctionProps
	if settings.Transfer() {
		props = transferFunction(settings, names, transferRoles)
	} else {
		props = sftpgoFunction(settings, names, vpc)
	}
	props.TimeoutSeconds = statemachine.SyncSeconds
	if settings.ExpressChildren() {
		props.TimeoutSeconds = statemachine.ExpressSyncSeconds
	}
	props.Environment["RUNS_BUCKET"] = names.RunsBucket
	return props
}

func discoverVariables(settings *Settings, names *construct.Names, keyChanges awssqs.Queue) map[string]string {
	environment := map[string]string{
		"RUNS_BUCKET":     names.RunsBucket,
		"MANAGED_BUCKET":  settings.ManagedBucket,
		"MAX_CONCURRENCY": strconv.Itoa(settings.MaxConcurrency),
	}
	if settings.AccountTag != "Email" {
		environment["ACCOUNT_TAG"] = settings.AccountTag
	}
	if settings.MaxLosses != "" {
		environment["MAX_LOSSES"] = settings.MaxLosses
	}
	if keyChanges != nil {
		environment["KEY_CHANGES_QUEUE"] = *keyChanges.QueueUrl()
		environment["ACCESS_KEY_PREFIX"], environment["SECRET_KEY_PREFIX"] = settings.AccessKeyPrefix, settings.SecretKeyPrefix
	}
	return environment
}
