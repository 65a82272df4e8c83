package syncusers

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/digipres/sync-users/infra/constructtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/infra/settings"
)

// It lists every type of resource, so that no custom resource and none of its
// Lambdas, which the CDK can add by itself, comes in.
func TestNothingElseIsDeployed(t *testing.T) {
	t.Parallel()
	count := map[string]int{}
	for _, r := range variants.Template(t, "created").Resources {
		count[r.Type]++
	}
	assert.Equal(t, map[string]int{
		"AWS::CloudWatch::Alarm":           9,
		"AWS::CloudWatch::Dashboard":       1,
		"AWS::Events::Rule":                3,
		"AWS::IAM::Role":                   9,
		"AWS::KMS::Key":                    1,
		"AWS::Lambda::Function":            4,
		"AWS::Logs::LogGroup":              5,
		"AWS::Logs::QueryDefinition":       4,
		"AWS::S3::Bucket":                  2,
		"AWS::S3::BucketPolicy":            2,
		"AWS::SNS::Subscription":           1,
		"AWS::SNS::Topic":                  1,
		"AWS::SNS::TopicPolicy":            1,
		"AWS::SQS::Queue":                  2,
		"AWS::SQS::QueuePolicy":            2,
		"AWS::Scheduler::Schedule":         2,
		"AWS::StepFunctions::StateMachine": 1,
	}, count)
}

func TestOutputs(t *testing.T) {
	t.Parallel()
	have := map[string]any{}
	for name, output := range variants.Template(t, "created").Outputs {
		have[name] = constructtest.Plain(output.Value)
	}
	assert.Equal(t, map[string]any{
		"StateMachineArn":   "${WorkflowStateMachine}",
		"RunsBucketName":    "${Runs}",
		"ManagedBucketName": "${Managed}",
		"TopicArn":          "${Topic}",
		"DashboardUrl":      "https://${AWS::Region}.console.aws.amazon.com/cloudwatch/home#dashboards/dashboard/sync-users-${AWS::Region}",
	}, have)
}

func TestTheSameSettingsGiveTheSameTemplate(t *testing.T) {
	t.Parallel()
	again, err := constructtest.Synthesize(newSystem(), constructtest.Example("large"))
	require.NoError(t, err)
	assert.Equal(t, variants.Template(t, "large").Text, again.Text)
}

func TestNoSecretIsInAnyTemplate(t *testing.T) {
	t.Parallel()
	for variant := range variants {
		found := variants.Template(t, variant)
		values := 0
		for name, function := range found.OfType("AWS::Lambda::Function") {
			for variable, value := range function.At("Environment", "Variables").(map[string]any) {
				values++
				for _, word := range []string{"PASSWORD", "API_KEY", "SECRET"} {
					if strings.Contains(variable, word) && !strings.HasSuffix(variable, "_PREFIX") {
						assert.True(t, strings.HasPrefix(value.(string), settings.ReferencePrefix), "%s of %s", variable, name)
					}
				}
			}
		}
		assert.NotZero(t, values)
		// CloudFormation would put the secret itself in the place of these.
		assert.NotContains(t, found.Text, "{{resolve:")
		assert.Equal(t, []string{"BootstrapVersion"}, parametersOf(found))
	}
}

func parametersOf(t *constructtest.Template) []string { return slices.Sorted(maps.Keys(t.Parameters)) }
