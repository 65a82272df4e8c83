package syncusers

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/digipres/sync-users/infra/construct"
	"github.com/digipres/sync-users/infra/constructtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine"
)

// state is what these tests look at of a state in the definition.
type state struct {
	Type           string
	Label          string
	Error          string
	ErrorPath      string
	Resource       string
	Next           string
	TimeoutSeconds float64
	Parameters     map[string]any
	ItemProcessor  struct{ States map[string]state }
}

func definition(t *testing.T) map[string]state {
	t.Helper()
	return statesOf(t, statemachine.Definition)
}

func statesOf(t *testing.T, definition string) map[string]state {
	t.Helper()
	var machine struct{ States map[string]state }
	require.NoError(t, json.Unmarshal([]byte(definition), &machine))
	states := machine.States
	for name, s := range machine.States["Sync each user"].ItemProcessor.States {
		states[name] = s
	}
	return states
}

func TestDefinitionHasAllItsSubstitutions(t *testing.T) {
	t.Parallel()
	machine := variants.Template(t, "created").Only(t, "AWS::StepFunctions::StateMachine")
	assert.Equal(t, map[string]any{
		"DiscoverUsersFunctionArn": "${DiscoverUsersFunction.Arn}",
		"SyncUserFunctionArn":      "${SyncUserFunction.Arn}",
		"SummarizeRunFunctionArn":  "${SummarizeRunFunction.Arn}",
		"ListAccountsFunctionArn":  "${ListAccountsFunction.Arn}",
		"RunsBucketName":           "${AWS::AccountId}-sync-users-runs-${AWS::Region}",
		"TopicArn":                 "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:sync-users-alerts",
	}, machine.At("DefinitionSubstitutions"))
	assert.Equal(t, statemachine.Definition, machine.At("DefinitionString"))
	for _, m := range regexp.MustCompile(`\$\{(\w+)\}`).FindAllStringSubmatch(statemachine.Definition, -1) {
		assert.Contains(t, machine.At("DefinitionSubstitutions"), m[1])
	}
}

// A Map's child executions have metrics under its label. One without a label gets
// another with each change of the definition.
func TestMetricsOfChildExecutionsAreUnderTheMapsLabel(t *testing.T) {
	t.Parallel()
	label := definition(t)["Sync each user"].Label
	assert.Equal(t, mapLabel, label)
	assert.Regexp(t, `^[A-Za-z0-9_-]{1,40}$`, label, "what CloudWatch takes")
}

func TestStateMachine(t *testing.T) {
	t.Parallel()
	small := variants.Template(t, "small").Only(t, "AWS::StepFunctions::StateMachine")
	assert.Equal(t, "sync-users", small.At("StateMachineName"))
	assert.Equal(t, map[string]any{
		"Level": "ERROR", "IncludeExecutionData": false,
		"Destinations": []any{map[string]any{"CloudWatchLogsLogGroup": map[string]any{"LogGroupArn": "${WorkflowLog.Arn}"}}},
	}, small.At("LoggingConfiguration"))
	assert.Equal(t, false, small.At("TracingConfiguration", "Enabled"))
	assert.Equal(t, "STANDARD", childType(t, small))
	large := variants.Template(t, "large").Only(t, "AWS::StepFunctions::StateMachine")
	assert.Equal(t, "EXPRESS", childType(t, large))
	assert.Equal(t, true, large.At("TracingConfiguration", "Enabled"))
}

// childType returns the type of the Map's child executions in a deployed definition.
func childType(t *testing.T, machine constructtest.Resource) string {
	t.Helper()
	var m struct {
		States map[string]struct {
			ItemProcessor struct {
				ProcessorConfig struct{ ExecutionType string }
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(machine.At("DefinitionString").(string)), &m))
	return m.States["Sync each user"].ItemProcessor.ProcessorConfig.ExecutionType
}

// A function that outlives its state would be cut off before it could say why.
func TestFunctionsEndBeforeTheirStatesDo(t *testing.T) {
	t.Parallel()
	for _, variant := range []string{"small", "large"} {
		states := statesOf(t, variants.Template(t, variant).Only(t, "AWS::StepFunctions::StateMachine").At("DefinitionString").(string))
		functions := variants.Template(t, variant).OfType("AWS::Lambda::Function")
		for function, state := range map[string]string{
			"DiscoverUsersFunction": "Discover users", "SyncUserFunction": "Sync user", "SummarizeRunFunction": "Summarize run", "ListAccountsFunction": "List accounts",
		} {
			assert.Less(t, functions[function].At("Timeout"), states[state].TimeoutSeconds, "%s of %s", state, variant)
		}
	}
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	functions := variants.Template(t, "small").OfType("AWS::Lambda::Function")
	require.Len(t, functions, 4)
	for name, function := range functions {
		assert.Equal(t, "provided.al2023", function.At("Runtime"), name)
		assert.Equal(t, "bootstrap", function.At("Handler"), name)
		assert.Equal(t, []any{"arm64"}, function.At("Architectures"), name)
		assert.Equal(t, 256.0, function.At("MemorySize"), name)
		assert.Equal(t, "${"+strings.TrimSuffix(name, "Function")+"Log}", function.At("LoggingConfig", "LogGroup"), name)
		assert.Nil(t, function.At("VpcConfig"), name)
		assert.Nil(t, function.At("TracingConfig"), name)
		assert.Nil(t, function.At("ReservedConcurrentExecutions"), name)
	}
	environment := map[string]map[string]any{
		"DiscoverUsersFunction": {
			"RUNS_BUCKET":    "${AWS::AccountId}-sync-users-runs-${AWS::Region}",
			"MANAGED_BUCKET": "digipres-dev1-managed", "MAX_CONCURRENCY": "10",
		},
		"SyncUserFunction": {
			"RUNS_BUCKET": "${AWS::AccountId}-sync-users-runs-${AWS::Region}",
			"SFTPGO_HOST": "https://sftpgo.example.org", "SFTPGO_USERNAME": "sync-users", "SFTPGO_PASSWORD": "ssm:/sftpgo/password",
			"ACCESS_KEY_PREFIX": "/iam/access_key/", "SECRET_KEY_PREFIX": "/iam/secret_key/", "SFTPGO_CONNECTIONS": "2",
		},
		"SummarizeRunFunction": {"RUNS_BUCKET": "${AWS::AccountId}-sync-users-runs-${AWS::Region}"},
		"ListAccountsFunction": {
			"RUNS_BUCKET": "${AWS::AccountId}-sync-users-runs-${AWS::Region}",
			"SFTPGO_HOST": "https://sftpgo.example.org", "SFTPGO_USERNAME": "sync-users", "SFTPGO_PASSWORD": "ssm:/sftpgo/password",
		},
	}
	for name, want := range environment {
		want["LOG_LEVEL"] = "info"
		assert.Equal(t, want, functions[name].At("Environment", "Variables"), name)
	}
}

func TestFunctionsOfALargeInstallation(t *testing.T) {
	t.Parallel()
	found := variants.Template(t, "large")
	functions := found.OfType("AWS::Lambda::Function")
	for name, function := range functions {
		assert.Equal(t, 512.0, function.At("MemorySize"), name)
		assert.Equal(t, "Active", function.At("TracingConfig", "Mode"), name)
	}
	assert.Equal(t, map[string]any{
		"SubnetIds":        []any{"subnet-0123456789abcdef0", "subnet-0fedcba9876543210"},
		"SecurityGroupIds": []any{"${SecurityGroup.GroupId}"},
	}, functions["SyncUserFunction"].At("VpcConfig"))
	assert.Equal(t, functions["SyncUserFunction"].At("VpcConfig"), functions["ListAccountsFunction"].At("VpcConfig"))
	assert.Nil(t, functions["DiscoverUsersFunction"].At("VpcConfig"), "IAM is not in the VPC")
	group := found.Only(t, "AWS::EC2::SecurityGroup")
	assert.Nil(t, group.At("SecurityGroupIngress"))
	var ports []any
	for _, rule := range group.At("SecurityGroupEgress").([]any) {
		ports = append(ports, rule.(map[string]any)["FromPort"], rule.(map[string]any)["ToPort"])
	}
	assert.Equal(t, []any{443.0, 443.0, 8443.0, 8443.0}, ports)
	assert.NotContains(t, functions["SyncUserFunction"].At("Environment", "Variables"), "SFTPGO_PASSWORD")
}

func TestEveryLogForgets(t *testing.T) {
	t.Parallel()
	for variant, want := range map[string]float64{"small": 90, "large": 365} {
		for name, log := range variants.Template(t, variant).OfType("AWS::Logs::LogGroup") {
			assert.Equal(t, want, log.At("RetentionInDays"), name)
		}
	}
}

func TestFindCode(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	_, err := construct.FindCode(root, "x86_64", new(Settings).Functions())
	require.EqualError(t, err, "discover-users is not built for x86_64: run `make build GOARCH=amd64`")
	for _, function := range []string{discoverUsers, sftpgoServer.function, summarizeRun, listAccounts} {
		folder := root + "/amd64/" + function
		require.NoError(t, os.MkdirAll(folder, 0o755))
		require.NoError(t, os.WriteFile(folder+"/bootstrap", nil, 0o755))
	}
	code, err := construct.FindCode(root, "x86_64", new(Settings).Functions())
	require.NoError(t, err)
	assert.Equal(t, root+"/amd64/sync-user", code[sftpgoServer.function])
}
