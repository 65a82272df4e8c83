package sendrun_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/sendrun"
)

// summarize ends a run with results, the outputs of its items, and returns its summary.
func (w world) summarize(t *testing.T, metadata *sendrun.Metadata, results ...string) sendrun.SummarizeOutput {
	t.Helper()
	return w.summarizeAt(t, noon, metadata, results...)
}

func (w world) summarizeAt(t *testing.T, now time.Time, metadata *sendrun.Metadata, results ...string) sendrun.SummarizeOutput {
	t.Helper()
	var children []map[string]string
	for _, result := range results {
		children = append(children, map[string]string{"Output": result})
	}
	_, err := w.bucket.Save(t.Context(), "results", children)
	require.NoError(t, err)
	_, err = w.bucket.Save(t.Context(), "manifest", map[string]any{
		"DestinationBucket": "runs", "ResultFiles": map[string]any{"SUCCEEDED": []any{map[string]string{"Key": "results"}}},
	})
	require.NoError(t, err)
	state, err := json.Marshal(map[string]any{
		"stateMachine": "send-files", "execution": metadata.Execution, "startedAt": noon,
		"state": map[string]any{"run": metadata, "results": map[string]any{"ResultWriterDetails": map[string]string{"Bucket": "runs", "Key": "manifest"}}},
	})
	require.NoError(t, err)
	return w.handle(t, now, state)
}

func (w world) handle(t *testing.T, now time.Time, state []byte) sendrun.SummarizeOutput {
	t.Helper()
	var event sendrun.SummarizeEvent
	require.NoError(t, json.Unmarshal(state, &event))
	output, err := sendrun.SummarizeFunction{
		Store: w.bucket, Mails: w.bucket, RunsBucket: "runs", Now: func() time.Time { return now },
	}.Handle(t.Context(), event)
	require.NoError(t, err)
	return output
}

const (
	sentA   = `{"bucket":"outgoing","key":"out/a","size":5,"done":true,"outcome":"sent","after":"delete"}`
	failedB = `{"bucket":"outgoing","key":"out/b","done":true,"outcome":"failed","caught":{"Error":"DiskFull","Cause":"{\"errorMessage\":\"no space\"}"}}`
)

func TestSummary(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "delete")
	for _, key := range []string{"out/a", "out/b", "out/c"} {
		w.upload(key, "1")
	}
	metadata, _, err := w.begin(t, "first", `{}`)
	require.NoError(t, err)

	output := w.summarize(t, metadata, failedB, sentA)

	assert.Equal(t, sendrun.Totals{Objects: 3, Sent: 1, Failed: 2, Bytes: 5}, output.Totals)
	assert.True(t, output.Failed)
	assert.Equal(t, "ObjectsFailed", output.Error)
	require.NotNil(t, output.Mail)
	assert.Equal(t, "send-files: 2 objects could not be sent", output.Mail.Subject)
	assert.Contains(t, output.Mail.Message, "  out/b: no space (DiskFull)\n  out/c: the run ended before this object was sent (NoResult)\n")
	assert.Contains(t, output.Mail.Message, "DiskFull: Ask the partner to make room")
	var report sendrun.Report
	require.NoError(t, w.bucket.Load(t.Context(), output.Report, &report))
	assert.Len(t, report.Results, 3)
	assert.Equal(t, "s3://runs/runs/first/report.html", report.Page)
	assert.Contains(t, string(w.bucket.objects["runs/first/report.html"]), "out/b")
	var day sendrun.Day
	_, err = w.bucket.LoadIfExists(t.Context(), "days/2026-01-01.json", &day)
	require.NoError(t, err)
	assert.Equal(t, 1, day.Runs)
	assert.Len(t, day.Failures, 2)
}

// At most one mail in a quarter of an hour, and each failure once a day.
func TestMailsGather(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "delete")
	w.upload("out/b", "1")
	w.upload("out/c", "1")
	metadata, _, err := w.begin(t, "first", `{}`)
	require.NoError(t, err)
	failedC := strings.ReplaceAll(failedB, "out/b", "out/c")
	sentB, sentC := strings.ReplaceAll(sentA, "out/a", "out/b"), strings.ReplaceAll(sentA, "out/a", "out/c")
	steps := []struct {
		name    string
		minutes int
		results []string
		mailed  []string
	}{
		{"the first failure", 0, []string{failedB, sentC}, []string{"out/b"}},
		{"another one soon after", 5, []string{failedB, failedC}, nil},
		{"is mailed later, and the first is not again", 16, []string{failedB, failedC}, []string{"out/c"}},
		{"the same", 40, []string{failedB, failedC}, nil},
		{"one is sent", 60, []string{sentB, failedC}, nil},
		{"and fails once more", 80, []string{failedB, failedC}, []string{"out/b"}},
		{"a day later", 80 + 24*60, []string{failedB, failedC}, []string{"out/b", "out/c"}},
		{"a failure that waits is told although it is over", 81 + 24*60, []string{sentB, sentC}, nil},
	}
	for _, step := range steps {
		output := w.summarizeAt(t, noon.Add(time.Duration(step.minutes)*time.Minute), metadata, step.results...)
		var mailed []string
		if output.Mail != nil {
			for _, key := range []string{"out/b", "out/c"} {
				if strings.Contains(output.Mail.Message, "  "+key+": ") {
					mailed = append(mailed, key)
				}
			}
		}
		assert.Equal(t, step.mailed, mailed, step.name)
	}
}

func TestSummaryOfARunThatCouldNotBegin(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "delete")
	output := w.handle(t, noon, []byte(`{"stateMachine":"send-files","execution":"x","startedAt":"2026-01-01T12:00:00Z",
		"state":{"error":{"Error":"States.Timeout","Cause":""}}}`))
	assert.Equal(t, "RunFailed", output.Error, "a Fail state must not use a name of Step Functions")
	assert.True(t, output.Failed)
	require.NotNil(t, output.Mail)
	assert.Equal(t, "send-files: the run failed", output.Mail.Subject)
	assert.NotContains(t, w.bucket.objects, "days/2026-01-01.json", "it does not have the lock")
}

func TestDryRunIsNotMailed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "delete")
	w.upload("out/b", "1")
	metadata, _, err := w.begin(t, "first", `{"dryRun":true}`)
	require.NoError(t, err)
	output := w.summarize(t, metadata, failedB)
	assert.True(t, output.Failed)
	assert.Nil(t, output.Mail)
	assert.Empty(t, w.mails.Waiting)
}
