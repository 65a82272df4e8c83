package fetchfiles

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/digipres/sync-users/infra/construct"
	"github.com/digipres/sync-users/infra/constructtest"
	"github.com/digipres/sync-users/statemachine"
)

func TestMain(m *testing.M) {
	code := m.Run()
	construct.Close()
	_ = os.RemoveAll(files)
	os.Exit(code)
}

func newSystem() construct.System { return new(Settings) }

const (
	keyARN  = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-00000000000"
	hostKey = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHUkWAHJ9jW9q0V6DAf9DPD8quUQVOE9uqW7i3GL/wRtJvGlin3tkQIujRJQ4OKdVN1QwRQ9K0w+09Qu5TBS/SI="
)

// transferSync returns the path of a configuration as TransferSync has it, with its blanks
// filled in.
func transferSync(name string) string {
	text, err := os.ReadFile(constructtest.Path("shared/domain/fetchconfig/testdata/" + name))
	if err != nil {
		panic(err)
	}
	return write(strings.ReplaceAll(string(text), "arn:aws:kms:<region>:<accountID>:key/<keyId>", keyARN+"7"))
}

// files is the folder of what write writes, for the time of the tests.
var files = func() string {
	folder, err := os.MkdirTemp("", "fetchfiles")
	if err != nil {
		panic(err)
	}
	return folder
}()

// write writes a new file, and returns its path.
func write(text string) string {
	file, err := os.CreateTemp(files, "partner-*.json")
	if err != nil {
		panic(err)
	}
	defer file.Close()
	if _, err := file.WriteString(text); err != nil {
		panic(err)
	}
	return file.Name()
}

// sync returns a sync of a folder with its schedule; "" for that of the server.
func sync(folder, schedule string) map[string]any {
	return map[string]any{
		"LocalRepository": map[string]any{"BucketName": "incoming"}, "RemoteFolders": map[string]any{"Folder": folder}, "Schedule": schedule,
	}
}

// server returns the path of a configuration with these syncs.
func server(syncs ...map[string]any) string {
	text, err := json.Marshal(map[string]any{
		"Name": "Partner & Söhne", "Url": "192.0.2.7", "Schedule": "@daily", "PublicKey": []string{hostKey}, "SyncSettings": syncs,
	})
	if err != nil {
		panic(err)
	}
	return write(string(text))
}

// variants are the installations that the tests check.
var variants = constructtest.NewVariants(newSystem, map[string]map[string]any{
	"example": constructtest.Example("fetch"),
	// The example of TransferSync has no host key.
	"transfersync":            {"system": "fetch-files", "configuration": transferSync("transfersync-example.json")},
	"transfersync connection": {"system": "fetch-files", "configuration": transferSync("transfersync-connection.json")},
	"names": {"system": "fetch-files", "configuration": server(
		sync("/%year%/%day%", ""), sync("/a/b", ""), sync("/a-b", ""), sync("/"+strings.Repeat("deep/", 100), ""), sync("/Söhne & +@ *?", "rate(1 hour)"),
	)},
	"large": {
		"system": "fetch-files", "configuration": server(sync("/out", "on-demand")), "stackName": "fetch-large",
		"connectorSecret": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:p-abcdef", "secretsKey": keyARN + "2", "bucketsKey": keyARN + "4",
		"scheduleEnabled": "false", "maxConnections": 1.0, "tracing": true, "expectWithinHours": 30.0,
	},
})

func TestTemplatesPassCfnLint(t *testing.T) {
	t.Parallel()
	variants.Lint(t)
}

func TestDefinitionIsValid(t *testing.T) {
	t.Parallel()
	constructtest.LintDefinition(t, statemachine.FetchFiles)
}
