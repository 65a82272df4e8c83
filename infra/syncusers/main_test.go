package syncusers

import (
	"testing"

	"github.com/digipres/sync-users/infra/construct"
	"github.com/digipres/sync-users/infra/constructtest"
	"github.com/digipres/sync-users/infra/settings"
	"github.com/digipres/sync-users/statemachine"
)

func TestMain(m *testing.M) { constructtest.Main(m) }

func newSystem() construct.System { return new(Settings) }

// variants are the installations that the tests check. created has everything that
// can be created, in an organisation with a permissions boundary.
var variants = constructtest.NewVariants(newSystem, map[string]map[string]any{
	"small":    constructtest.Example("small"),
	"large":    constructtest.Example("large"),
	"transfer": constructtest.Example("transfer"),
	"created": {
		settings.FileSetting:                constructtest.Example("small")[settings.FileSetting],
		"createManagedBucket":               true,
		"schedule":                          "cron(0 6 ? * MON-FRI *)",
		"changesEvery":                      "true",
		"staleAfterHours":                   74.0,
		"scheduleTimeZone":                  "Europe/Vienna",
		"architecture":                      "x86_64",
		"@aws-cdk/core:permissionsBoundary": map[string]any{"arn": permissionsBoundary},
	},
})

const permissionsBoundary = "arn:aws:iam::123456789012:policy/workloads"

func TestTemplatesPassCfnLint(t *testing.T) {
	t.Parallel()
	variants.Lint(t)
}

func TestDefinitionIsValid(t *testing.T) {
	t.Parallel()
	constructtest.LintDefinition(t, statemachine.Definition)
	constructtest.LintDefinition(t, statemachine.WithExpressChildren())
	constructtest.LintDefinition(t, statemachine.WithoutListing(statemachine.Definition))
}
