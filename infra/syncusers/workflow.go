package syncusers

import (
	"github.com/digipres/sync-users/infra/construct"
	"github.com/digipres/sync-users/statemachine"
)

// mapLabel is the label of the Map, by which its child executions have ARNs and
// metrics apart from those of runs.
const mapLabel = "users"

// workflow is the state machine with what only this one may do.
func (s *Settings) workflow(names *construct.Names, functions *functions) *construct.WorkflowProps {
	definition := statemachine.Definition
	if s.ExpressChildren() {
		definition = statemachine.WithExpressChildren()
	}
	if s.Transfer() {
		definition = statemachine.WithoutListing(definition)
	}
	substitutions := map[string]*string{
		"DiscoverUsersFunctionArn": functions.discoverUsers.AttrArn(),
		"SyncUserFunctionArn":      functions.syncUser.AttrArn(),
		"SummarizeRunFunctionArn":  functions.summarizeRun.AttrArn(),
		"RunsBucketName":           &names.RunsBucket,
		"TopicArn":                 names.TopicARN(),
	}
	if functions.listAccounts != nil {
		substitutions["ListAccountsFunctionArn"] = functions.listAccounts.AttrArn()
	}
	return &construct.WorkflowProps{
		Definition:    definition,
		Substitutions: substitutions,
		Functions:     functions.all(),
		Permissions: []construct.Permission{
			{Actions: []string{"s3:GetObject"}, Resources: names.RunsObjectARNs("runs/*/users.json")},
			// What the Map's ResultWriter needs, by the same guide, to write results of
			// any size in parts.
			{Actions: []string{
				"s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload",
			}, Resources: names.RunsObjectARNs("runs/*/results/*")},
			{Actions: []string{"s3:DeleteObject"}, Resources: []*string{names.ObjectARN(s.ManagedBucket, triggerKey)}},
		},
	}
}
