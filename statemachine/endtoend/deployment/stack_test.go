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

// deployedStack is the CloudFormation stack as it is deployed.
type deployedStack struct {
	template map[string]any
	code     map[string]string // each function's hash
}

func describeStack(t *testing.T) deployedStack {
	t.Helper()
	got, err := cloudformation.NewFromConfig(cloud.AWS()).GetTemplate(t.Context(), &cloudformation.GetTemplateInput{StackName: aws.String("sync-users")})
	require.NoError(t, err)
	s := deployedStack{code: map[string]string{}}
	require.NoError(t, json.Unmarshal([]byte(*got.TemplateBody), &s.template))
	functions, err := lambda.NewFromConfig(cloud.AWS()).ListFunctions(t.Context(), &lambda.ListFunctionsInput{})
	require.NoError(t, err)
	for _, f := range functions.Functions {
		s.code[*f.FunctionName] = *f.CodeSha256
	}
	return s
}

// physicalIDs returns the physical id of each resource by its logical id.
func physicalIDs(t *testing.T) map[string]string {
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

// logicalIDSuffix is the hash at the end of the CDK's logical ids.
var logicalIDSuffix = regexp.MustCompile(`[0-9A-F]{8}$`)

// differences returns the paths at which two templates differ, with both values.
func differences(before, after any) map[string][2]any {
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
			for path, change := range differences(a[name], b[name]) {
				if path != "" {
					path = "/" + path
				}
				found[logicalIDSuffix.ReplaceAllString(name, "")+path] = change
			}
		}
	}
	return found
}

// listResources returns the names of the account's resources, by kind.
func listResources(t *testing.T) map[string][]string {
	t.Helper()
	list := exec.CommandContext(t.Context(), projectRoot(t)+"/.build/venv/bin/python", "list_resources.py")
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
