package fetchfiles

import (
	"slices"
	"strings"

	"github.com/aws/constructs-go/constructs/v10"

	"github.com/digipres/sync-users/infra/construct"
	"github.com/digipres/sync-users/shared/domain/fetchconfig"
)

// The functions, by the names of their folders.
const (
	planFetch      = "plan-fetch"
	listFolder     = "list-folder"
	fetchBatch     = "fetch-batch"
	recordEvent    = "record-event"
	summarizeFetch = "summarize-fetch"
)

// Functions returns the names of the folders of the Lambdas.
func (s *Settings) Functions() []string {
	return []string{planFetch, listFolder, fetchBatch, recordEvent, summarizeFetch}
}

// functions are the Lambdas. The workflow invokes all but recordEvent.
type functions struct {
	planFetch, listFolder, fetchBatch, recordEvent, summarizeFetch *construct.Function
}

func (f *functions) invoked() []*construct.Function {
	return []*construct.Function{f.planFetch, f.listFolder, f.fetchBatch, f.summarizeFetch}
}

// logs returns the names of their log groups.
func (f *functions) logs() []string {
	var logs []string
	for _, function := range append(f.invoked(), f.recordEvent) {
		logs = append(logs, function.Log)
	}
	return logs
}

// newFunctions creates the Lambdas, each with what it needs and no more.
func newFunctions(scope constructs.Construct, s *Settings, names *construct.Names, connector *connector, code map[string]string) *functions {
	// Without it S3 answers 403 and not 404 for what does not exist yet.
	listRuns := construct.Permission{Actions: []string{"s3:ListBucket"}, Resources: []*string{names.BucketARN(names.RunsBucket)}}
	runs := func(action string, keys ...string) construct.Permission {
		var resources []*string
		for _, key := range keys {
			resources = append(resources, names.RunsObjectARNs(key)...)
		}
		return construct.Permission{Actions: []string{action}, Resources: resources}
	}
	ask := func(actions ...string) construct.Permission {
		return construct.Permission{Actions: actions, Resources: []*string{connector.arn}}
	}
	const read, write, remove = "s3:GetObject", "s3:PutObject", "s3:DeleteObject"
	runsBucket := map[string]string{"RUNS_BUCKET": names.RunsBucket}
	withConnector := map[string]string{"RUNS_BUCKET": names.RunsBucket, "CONNECTOR_ID": *connector.id}
	syncs := strings.TrimSuffix(fetchconfig.ParameterPath(s.StackName), "/")
	function := func(id, name, description string, seconds int, environment map[string]string, permissions ...construct.Permission) *construct.Function {
		return construct.NewFunction(scope, id, &s.Common, names, code, &construct.FunctionProps{
			Name: name, Description: description, TimeoutSeconds: seconds, Environment: environment,
			Permissions: slices.Concat([]construct.Permission{listRuns}, permissions, construct.BucketsKeyPermissions(&s.Common, names)),
		})
	}
	buckets, objects := targets(s, names)
	lookAtTargets := append([]construct.Permission{
		{Actions: []string{"s3:ListBucket"}, Resources: buckets},
		{Actions: []string{"s3:GetObject"}, Resources: objects},
	}, targetKeyPermissions(s, names, "kms:Decrypt")...)
	return &functions{
		planFetch: function("PlanFetch", planFetch, "Says which folders are walked, and then what is fetched from them", 300,
			map[string]string{"RUNS_BUCKET": names.RunsBucket, "CONNECTOR_ID": *connector.id, "SYNCS_PATH": syncs},
			construct.Permission{Actions: []string{"ssm:GetParametersByPath"}, Resources: []*string{
				names.ARN("ssm", "parameter"+syncs), names.ARN("ssm", "parameter"+syncs+"/*"),
			}},
			ask("transfer:TestConnection"),
			runs(read, "locks/*", "runs/*", "walked/*", "mails.json"), runs(write, "locks/*", "runs/*"),
			construct.Permission{Actions: []string{"states:DescribeExecution"}, Resources: []*string{names.ExecutionARNs()}}),
		listFolder: function("ListFolder", listFolder, "Lists a remote folder, and compares it with what was fetched", 300, withConnector,
			slices.Concat([]construct.Permission{
				ask("transfer:StartDirectoryListing", "transfer:StartRemoteMove", "transfer:StartRemoteDelete"),
				runs(read, "locks/*", "runs/*", "manifest/*", "listings/*", "events/*"), runs(write, "runs/*", "manifest/*"), runs(remove, "manifest/*"),
			}, lookAtTargets)...),
		fetchBatch: function("FetchBatch", fetchBatch, "Has some files fetched, and records those that came", 600, withConnector,
			slices.Concat([]construct.Permission{
				ask("transfer:StartFileTransfer", "transfer:ListFileTransferResults"),
				runs(read, "locks/*", "runs/*", "manifest/*", "events/*"), runs(write, "runs/*", "manifest/*"), runs(remove, "manifest/*"),
			}, lookAtTargets, mirrorPermissions(s, names))...),
		recordEvent: function("RecordEvent", recordEvent, "Records an event of the connector where runs look for it", 60, runsBucket,
			runs(write, "events/*")),
		summarizeFetch: function("SummarizeFetch", summarizeFetch, "Writes the report of the run, and the mail about failures", 300, runsBucket,
			runs(read, "runs/*", "walked/*", "mails.json"), runs(write, "runs/*", "walked/*", "mails.json")),
	}
}

// mirrorPermissions let a role delete the objects of mirrors.
func mirrorPermissions(s *Settings, names *construct.Names) []construct.Permission {
	mirrors := arnsOf(s, func(sync *fetchconfig.Sync) *string {
		if sync.Deletions != fetchconfig.Mirror {
			return new(string)
		}
		return objectsOf(sync.LocalRepository, names)
	})
	if len(mirrors) == 0 {
		return nil
	}
	return []construct.Permission{{Actions: []string{"s3:DeleteObject"}, Resources: mirrors}}
}
