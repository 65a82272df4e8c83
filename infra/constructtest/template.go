// Package constructtest synthesizes the templates of systems for their tests, and has
// what such tests share.
package constructtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/infra/construct"
	"github.com/digipres/sync-users/infra/settings"
)

// Template is a synthesized template as CloudFormation reads it.
type Template struct {
	Text       string
	Resources  map[string]Resource
	Outputs    map[string]struct{ Value any }
	Parameters map[string]any
}

// Resource is one of a template.
type Resource struct {
	Type           string
	DeletionPolicy string
	Properties     map[string]any
}

// Main is a package's TestMain. It does not return.
func Main(m *testing.M) {
	code := m.Run()
	construct.Close()
	os.Exit(code)
}

// Path returns the path of a file of the project.
func Path(name string) string {
	folder := "."
	for range 10 {
		if _, err := os.Stat(filepath.Join(folder, "cdk.json")); err == nil {
			return filepath.Join(folder, name)
		}
		folder = filepath.Join("..", folder)
	}
	panic("not inside the project")
}

// Variants are the installations that the tests of a system check, each synthesized
// once.
type Variants map[string]func() (*Template, error)

// NewVariants returns an installation for each context.
func NewVariants(newSystem func() construct.System, contexts map[string]map[string]any) Variants {
	variants := Variants{}
	for name, context := range contexts {
		variants[name] = sync.OnceValues(func() (*Template, error) { return Synthesize(newSystem(), context) })
	}
	return variants
}

// Template returns the template of an installation.
func (v Variants) Template(t *testing.T, name string) *Template {
	t.Helper()
	found, err := v[name]()
	require.NoError(t, err)
	return found
}

// Example returns the context for one of infra/examples.
func Example(name string) map[string]any {
	return map[string]any{settings.FileSetting: Path("infra/examples/" + name + ".json")}
}

// jsiiLock is held while jsii is used, which takes one caller at a time.
var jsiiLock sync.Mutex

// flags are what cdk.json gives the CDK itself.
var flags = sync.OnceValues(func() (map[string]any, error) {
	text, err := os.ReadFile(Path("cdk.json"))
	if err != nil {
		return nil, err
	}
	var configuration struct{ Context map[string]any }
	return configuration.Context, json.Unmarshal(text, &configuration)
})

// Synthesize returns the template of a system with the settings of a context, for
// functions without a program.
func Synthesize(system construct.System, context map[string]any) (*Template, error) {
	jsiiLock.Lock()
	defer jsiiLock.Unlock()
	ownContext, err := flags()
	if err != nil {
		return nil, err
	}
	context = maps.Clone(context)
	maps.Copy(context, ownContext)
	if err := settings.Read(system, context, func(string) string { return "" }); err != nil {
		return nil, err
	}
	root, err := os.MkdirTemp("", "infra")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(root)
	architecture := system.Base().Architecture
	for _, function := range system.Functions() {
		folder := filepath.Join(root, construct.GoArch(architecture), function)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(folder, "bootstrap"), []byte(function), 0o755); err != nil {
			return nil, err
		}
	}
	code, err := construct.FindCode(root, architecture, system.Functions())
	if err != nil {
		return nil, err
	}
	out := filepath.Join(root, "out")
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: &out, Context: &context, AnalyticsReporting: new(bool)})
	system.NewStack(app, code)
	app.Synth(nil)
	text, err := os.ReadFile(filepath.Join(out, system.Base().StackName+".template.json"))
	if err != nil {
		return nil, err
	}
	found := &Template{Text: string(text)}
	return found, json.Unmarshal(text, found)
}

// Lint has cfn-lint check the templates of all installations.
func (v Variants) Lint(t *testing.T) {
	t.Helper()
	lint := Path(".build/venv/bin/cfn-lint")
	require.FileExists(t, lint, "run `make setup`")
	arguments := []string{"--regions", "eu-west-1", "us-east-1", "--template"}
	for name := range v {
		file := filepath.Join(t.TempDir(), name+".json")
		require.NoError(t, os.WriteFile(file, []byte(v.Template(t, name).Text), 0o600))
		arguments = append(arguments, file)
	}
	output, err := exec.CommandContext(t.Context(), lint, arguments...).CombinedOutput()
	require.NoError(t, err, string(output))
}

// LintDefinition has asl-validator check a definition of a workflow.
func LintDefinition(t *testing.T, definition string) {
	t.Helper()
	validator := Path("infra/node_modules/.bin/asl-validator")
	require.FileExists(t, validator, "run `make setup`")
	file := filepath.Join(t.TempDir(), "definition.asl.json")
	require.NoError(t, os.WriteFile(file, []byte(definition), 0o600))
	output, err := exec.CommandContext(t.Context(), validator, "--json-path", file).CombinedOutput()
	require.NoError(t, err, string(output))
}

// Keys returns the names of resources in their order.
func Keys(resources map[string]Resource) []string { return slices.Sorted(maps.Keys(resources)) }

// TextOf returns a value as JSON.
func TextOf(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

// OfType returns the resources of a type by their names, without the hash that the
// CDK appends.
func (t *Template) OfType(kind string) map[string]Resource {
	found := map[string]Resource{}
	for name, r := range t.Resources {
		if r.Type == kind {
			found[short(name)] = r
		}
	}
	return found
}

// Only returns the one resource of a type.
func (t *Template) Only(tb testing.TB, kind string) Resource {
	tb.Helper()
	found := t.OfType(kind)
	require.Len(tb, found, 1, kind)
	return found[slices.Collect(maps.Keys(found))[0]]
}

var hash = regexp.MustCompile(`[0-9A-F]{8}$`)

func short(name string) string { return hash.ReplaceAllString(name, "") }

// Plain returns a value with its references as ${Name}, so that it can be compared
// with text.
func Plain(value any) any {
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
					b.WriteString(Plain(part).(string))
				}
				return b.String()
			}
		}
		found := map[string]any{}
		for name, item := range v {
			found[name] = Plain(item)
		}
		return found
	case []any:
		found := make([]any, len(v))
		for i, item := range v {
			found[i] = Plain(item)
		}
		return found
	}
	return value
}

// At follows a path into a resource's properties.
func (r Resource) At(path ...string) any {
	var value any = r.Properties
	for _, name := range path {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = object[name]
	}
	return Plain(value)
}
