package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// query is a saved query of CloudWatch Logs Insights.
type query struct {
	name, text string
}

// latestFailures finds runs and users that failed for good, without the attempts
// that were retried. The dashboard shows it too.
var latestFailures = query{"latest failures", `fields @timestamp, execution, username, coalesce(reason, error) as why, kind
| filter outcome = "failed" or (level = "ERROR" and not ispresent(username))
| sort @timestamp desc
| limit 50`}

// queries are ready in the console, with `alice` and `RUN` to be replaced.
var queries = []query{
	{"what happened to alice", `fields @timestamp, execution, msg, outcome, coalesce(reason, error) as why, buckets, added, removed
| filter username = "alice" or email like "alice"
| sort @timestamp desc
| limit 100`},
	{"what happened in RUN", `fields @timestamp, level, msg, username, outcome, coalesce(reason, error) as why
| filter execution = "RUN"
| sort @timestamp asc
| limit 10000`},
	{"who lost or gained access", `fields @timestamp, execution, username, email, outcome, added, removed
| filter msg = "user synced" and outcome in ["updated", "revoked"] and dryRun = "false"
| sort @timestamp desc
| limit 1000`},
	latestFailures,
}

// NewQueries puts the queries into the console's list of saved queries.
func NewQueries(scope constructs.Construct, names *names, functions *Functions) {
	scope = constructs.NewConstruct(scope, jsii.String("Queries"))
	logs := &[]any{}
	for _, log := range *functions.logs() {
		*logs = append(*logs, log)
	}
	for _, q := range queries {
		awslogs.NewCfnQueryDefinition(scope, jsii.String(q.name), &awslogs.CfnQueryDefinitionProps{
			// The slash makes a folder in the console.
			Name:          jsii.String(names.prefix + "/" + q.name),
			QueryString:   jsii.String(q.text),
			LogGroupNames: logs,
		})
	}
}
