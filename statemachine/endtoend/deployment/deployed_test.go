package deployment

import (
	"encoding/json"
	"os/exec"
	"reflect"
	"regexp"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local"
)

// stack is what is deployed.
type stack struct {
	template map[string]any
	// code has each function's hash.
	code map[string]string
}

func deployed(t *testing.T) stack {
	t.Helper()
	got, err := cloudformation.NewFromConfig(cloud.AWS()).GetTemplate(t.Context(), &cloudformation.GetTemplateInput{StackName: aws.String("sync-users")})
	require.NoError(t, err)
	s := stack{code: map[string]string{}}
	require.NoError(t, json.Unmarshal([]byte(*got.TemplateBody), &s.template))
	functions, err := lambda.NewFromConfig(cloud.AWS()).ListFunctions(t.Context(), &lambda.ListFunctionsInput{})
	require.NoError(t, err)
	for _, f := range functions.Functions {
		s.code[*f.FunctionName] = *f.CodeSha256
	}
	return s
}

// physical gives each deployed thing's id, by its name in the template.
func physical(t *testing.T) map[string]string {
	t.Helper()
	ids := map[string]string{}
	pages := cloudformation.NewListStackResourcesPaginator(cloudformation.NewFromConfig(cloud.AWS()), &cloudformation.ListStackResourcesInput{StackName: aws.String("sync-users")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, resource := range page.StackResourceSummaries {
			ids[*resource.LogicalResourceId] = *resource.PhysicalResourceId
		}
	}
	return ids
}

// hash is what the CDK puts behind a resource's name.
var hash = regexp.MustCompile(`[0-9A-F]{8}$`)

// changes are the places at which two templates differ, with what stands there.
func changes(before, after any) map[string][2]any {
	a, isObject := before.(map[string]any)
	b, isObjectToo := after.(map[string]any)
	if !isObject || !isObjectToo {
		if reflect.DeepEqual(before, after) {
			return nil
		}
		return map[string][2]any{"": {before, after}}
	}
	found := map[string][2]any{}
	for _, object := range []map[string]any{a, b} {
		for name := range object {
			for path, change := range changes(a[name], b[name]) {
				if path != "" {
					path = "/" + path
				}
				found[hash.ReplaceAllString(name, "")+path] = change
			}
		}
	}
	return found
}

// inventory is what there is in the account, by kind.
func inventory(t *testing.T) map[string][]string {
	t.Helper()
	root, err := local.Root()
	require.NoError(t, err)
	list := exec.CommandContext(t.Context(), root+"/.build/venv/bin/python", "inventory.py")
	list.Env = []string{
		"AWS_ENDPOINT_URL=" + cloud.Endpoint, "AWS_DEFAULT_REGION=" + local.Region,
		"AWS_ACCESS_KEY_ID=" + local.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + local.SecretAccessKey,
	}
	text, err := list.Output()
	require.NoError(t, err)
	var found map[string][]string
	require.NoError(t, json.Unmarshal(text, &found))
	return found
}
