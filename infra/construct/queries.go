package construct

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Query is a saved query of CloudWatch Logs Insights.
type Query struct {
	Name, Text string
}

// NewQueries puts queries of logs into the console's list of saved queries.
func NewQueries(scope constructs.Construct, names *Names, logs []string, queries []Query) {
	scope = constructs.NewConstruct(scope, jsii.String("Queries"))
	var groups []any
	for _, log := range logs {
		groups = append(groups, log)
	}
	for _, q := range queries {
		awslogs.NewCfnQueryDefinition(scope, jsii.String(q.Name), &awslogs.CfnQueryDefinitionProps{
			// The slash makes a folder in the console.
			Name:          jsii.String(names.Prefix + "/" + q.Name),
			QueryString:   jsii.String(q.Text),
			LogGroupNames: &groups,
		})
	}
}
