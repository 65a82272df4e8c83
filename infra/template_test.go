package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/infra/settings"
)

// template is a synthesized template as CloudFormation reads it.
type template struct {
	text       string
	Resources  map[string]resource
	Outputs    map[string]struct{ Value any }
	Parameters map[string]any
}

type resource struct {
	Type           string
	DeletionPolicy string
	Properties     map[string]any
}

// variants are the installations that the tests check, each synthesized once.
var variants = map[string]func() (*template, error){
	"small":   sync.OnceValues(func() (*template, error) { return synthesize(fileOf("small")) }),
	"large":   sync.OnceValues(func() (*template, error) { return synthesize(fileOf("large")) }),
	"created": sync.OnceValues(func() (*template, error) { return synthesize(created) }),
}

func fileOf(example string) map[string]any {
	return map[string]any{settings.FileSetting: "examples/" + example + ".json"}
}

// created has everything that can be created, in an organisation with a permissions
// boundary.
var created = map[string]any{
	settings.FileSetting:                "examples/small.json",
	"createManagedBucket":               true,
	"schedule":                          "cron(0 6 ? * MON-FRI *)",
	"staleAfterHours":                   74.0,
	"scheduleTimeZone":                  "Europe/Vienna",
	"architecture":                      "x86_64",
	"@aws-cdk/core:permissionsBoundary": map[string]any{"arn": permissionsBoundary},
}

const permissionsBoundary = "arn:aws:iam::123456789012:policy/workloads"

func templateOf(t *testing.T, variant string) *template {
	t.Helper()
	found, err := variants[variant]()
	require.NoError(t, err)
	return found
}

// jsiiLock is held while jsii is used, which takes one caller at a time.
var jsiiLock sync.Mutex

func noEnvironment(string) string { return "" }

// flags are what cdk.json gives the CDK itself.
var flags = sync.OnceValues(func() (map[string]any, error) {
	text, err := os.ReadFile("../cdk.json")
	if err != nil {
		return nil, err
	}
	var configuration struct{ Context map[string]any }
	return configuration.Context, json.Unmarshal(text, &configuration)
})

func synthesize(context map[string]any) (*template, error) {
	jsiiLock.Lock()
	defer jsiiLock.Unlock()
	ownContext, err := flags()
	if err != nil {
		return nil, err
	}
	context = maps.Clone(context)
	maps.Copy(context, ownContext)
	settings, err := settings.Read(context, noEnvironment)
	if err != nil {
		return nil, err
	}
	root, err := os.MkdirTemp("", "infra")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(root)
	for _, function := range []string{discoverUsers, syncUser, summarizeRun} {
		folder := filepath.Join(root, goarch(settings.Architecture), function)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(folder, "bootstrap"), []byte(function), 0o755); err != nil {
			return nil, err
		}
	}
	code, err := findCode(root, settings.Architecture)
	if err != nil {
		return nil, err
	}
	out := filepath.Join(root, "out")
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: &out, Context: &context, AnalyticsReporting: new(bool)})
	NewSyncUsersStack(app, settings, code)
	app.Synth(nil)
	text, err := os.ReadFile(filepath.Join(out, settings.StackName+".template.json"))
	if err != nil {
		return nil, err
	}
	found := &template{text: string(text)}
	return found, json.Unmarshal(text, found)
}

// ofType returns the resources of a type by their names, without the hash that the
// CDK appends.
func (t *template) ofType(kind string) map[string]resource {
	found := map[string]resource{}
	for name, r := range t.Resources {
		if r.Type == kind {
			found[short(name)] = r
		}
	}
	return found
}

// only returns the one resource of a type.
func (t *template) only(tb testing.TB, kind string) resource {
	tb.Helper()
	found := t.ofType(kind)
	require.Len(tb, found, 1, kind)
	return found[slices.Collect(maps.Keys(found))[0]]
}

var hash = regexp.MustCompile(`[0-9A-F]{8}$`)

func short(name string) string { return hash.ReplaceAllString(name, "") }

// plain returns a value with its references as ${Name}, so that it can be compared
// with text.
func plain(value any) any {
	switch v := value.(type) {
	case map[string]any:
		if len(v) == 1 {
			if ref, ok := v["Ref"].(string); ok {
				return "${" + short(ref) + "}"
			}
			if att, ok := v["Fn::GetAtt"].([]any); ok {
				return fmt.Sprintf("${%s.%s}", short(att[0].(string)), att[1])
			}
			if join, ok := v["Fn::Join"].([]any); ok {
				var b strings.Builder
				for _, part := range join[1].([]any) {
					b.WriteString(plain(part).(string))
				}
				return b.String()
			}
		}
		found := map[string]any{}
		for name, item := range v {
			found[name] = plain(item)
		}
		return found
	case []any:
		found := make([]any, len(v))
		for i, item := range v {
			found[i] = plain(item)
		}
		return found
	}
	return value
}

// at follows a path into a resource's properties.
func (r resource) at(path ...string) any {
	var value any = r.Properties
	for _, name := range path {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = object[name]
	}
	return plain(value)
}
