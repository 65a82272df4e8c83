package send

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// transitions returns how many states an execution has entered, and its start
// (https://aws.amazon.com/step-functions/pricing/).
func transitions(t *testing.T, arn string) int {
	t.Helper()
	entered := 1
	pages := sfn.NewGetExecutionHistoryPaginator(sfn.NewFromConfig(cloud.AWS()), &sfn.GetExecutionHistoryInput{ExecutionArn: &arn})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, event := range page.Events {
			if event.StateEnteredEventDetails != nil {
				entered++
			}
		}
	}
	return entered
}

// requests returns how many requests of each kind a function has sent to S3. A bucket's GET is
// a list.
func requests(function string) map[string]int {
	counts := map[string]int{}
	for call, n := range cloud.Calls.Total() {
		if call.Caller != "send-files-"+function || call.Service != "s3" {
			continue
		}
		method, path, _ := strings.Cut(call.Action, " ")
		if method == http.MethodGet && strings.Count(strings.Trim(path, "/"), "/") == 0 {
			method = "LIST"
		}
		counts[method] += n
	}
	return counts
}

// What docs/costs.md reckons with.
func TestTransitionsAndCalls(t *testing.T) {
	reset(t)
	withoutEvents(t)
	const objects = 20
	for i := range objects {
		upload(t, fmt.Sprint(i), []byte("x"))
	}
	cloud.Calls.Reset()
	run := start(t, `{"sweep":true}`)
	requireSucceeded(t, run)
	assert.Equal(t, 12, transitions(t, *run.ExecutionArn), "a run")
	assert.Equal(t, map[string]int{"HEAD": 2 * objects, "GET": 2 * objects, "PUT": 2 * objects, "DELETE": objects}, requests("send-file"))
	assert.Equal(t, map[string]int{"LIST": 2, "GET": 4, "PUT": 3}, requests("list-objects"))
	assert.Equal(t, map[string]int{"GET": 5, "PUT": 5}, requests("summarize-send"))

	client := sfn.NewFromConfig(cloud.AWS())
	mapRuns, err := client.ListMapRuns(t.Context(), &sfn.ListMapRunsInput{ExecutionArn: run.ExecutionArn})
	require.NoError(t, err)
	children, err := client.ListExecutions(t.Context(), &sfn.ListExecutionsInput{MapRunArn: mapRuns.MapRuns[0].MapRunArn})
	require.NoError(t, err)
	require.Len(t, children.Executions, objects)
	for _, child := range children.Executions {
		assert.Equal(t, 4, transitions(t, *child.ExecutionArn), "an object")
	}

	assert.Equal(t, 8, transitions(t, *start(t, `{"sweep":true}`).ExecutionArn), "a run without objects")
}
