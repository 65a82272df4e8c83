// Package statemachine holds the definition of the sync-users workflow.
package statemachine

import _ "embed"

// Definition is the workflow in the Amazon States Language (JSONPath). Names
// in ${…} stand for what a deployment substitutes: the three functions' ARNs,
// the runs bucket's name and the topic's ARN.
//
//go:embed sync-users.asl.json
var Definition string
