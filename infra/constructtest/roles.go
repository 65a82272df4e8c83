package constructtest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Statements returns what a role may do, one action a line.
func Statements(t *testing.T, role Resource) []string {
	t.Helper()
	assert.NotContains(t, role.Properties, "ManagedPolicyArns", "a role has no permissions but its own")
	var lines []string
	for _, policy := range role.At("Policies").([]any) {
		for _, s := range policy.(map[string]any)["PolicyDocument"].(map[string]any)["Statement"].([]any) {
			statement := s.(map[string]any)
			condition := ""
			if statement["Condition"] != nil {
				text, err := json.Marshal(statement["Condition"])
				require.NoError(t, err)
				condition = " if " + string(text)
			}
			for _, action := range list(statement["Action"]) {
				for _, on := range list(statement["Resource"]) {
					lines = append(lines, fmt.Sprintf("%s %s on %s%s", statement["Effect"], action, on, condition))
				}
			}
		}
	}
	slices.Sort(lines)
	return lines
}

// list returns the items of a value, which IAM writes as a list only if there are
// several.
func list(value any) []string {
	if one, ok := value.(string); ok {
		return []string{one}
	}
	var found []string
	for _, item := range value.([]any) {
		found = append(found, item.(string))
	}
	return found
}

// Wanted returns the statements for permissions in short form, with an account's
// ARNs from their service on.
func Wanted(lines ...string) []string {
	account := "${AWS::Region}:${AWS::AccountId}:"
	for i, line := range lines {
		line = strings.ReplaceAll(line, " s3://", " arn:${AWS::Partition}:s3:::")
		line = strings.ReplaceAll(line, "RUNS", "${AWS::AccountId}-NAME-runs-${AWS::Region}")
		for _, service := range []string{"ssm", "states", "sns", "lambda", "transfer"} {
			line = strings.ReplaceAll(line, " "+service+"::", " arn:${AWS::Partition}:"+service+":"+account)
			line = strings.ReplaceAll(line, `"`+service+"::", `"arn:${AWS::Partition}:`+service+":"+account)
		}
		lines[i] = "Allow " + line
		if rest, ok := strings.CutPrefix(line, "Deny "); ok {
			lines[i] = "Deny " + rest
		}
	}
	slices.Sort(lines)
	return lines
}
