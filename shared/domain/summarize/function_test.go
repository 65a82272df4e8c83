package summarize_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/maprun"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/summarize"
)

// bucket is a runs bucket in memory, by key.
type bucket map[string]string

var (
	_ maprun.Reader    = bucket(nil)
	_ summarize.Writer = bucket(nil)
)

func (b bucket) Load(_ context.Context, object run.Object, value any) error {
	text, ok := b[object.Key]
	if !ok {
		return fmt.Errorf("no object %s", object.Key)
	}
	return json.Unmarshal([]byte(text), value)
}

func (b bucket) Open(_ context.Context, object run.Object) (io.ReadCloser, error) {
	text, ok := b[object.Key]
	if !ok {
		return nil, fmt.Errorf("%s: %w", object.Key, run.ErrNoObject)
	}
	return io.NopCloser(strings.NewReader(text)), nil
}

func (b bucket) Save(_ context.Context, key string, value any) (run.Object, error) {
	text, err := json.Marshal(value)
	b[key] = string(text)
	return run.Object{Bucket: "runs", Key: key}, err
}

func (b bucket) SavePage(_ context.Context, key string, html []byte) (run.Object, error) {
	b[key] = string(html)
	return run.Object{Bucket: "runs", Key: key}, nil
}

var (
	started = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	event   = summarize.Event{
		Run:     run.Metadata{StateMachine: "sync-users", Execution: "e1", StartedAt: started, Users: run.Object{Bucket: "runs", Key: "users"}},
		Results: struct{ Bucket, Key string }{"runs", "manifest"},
	}
)

func handle(t *testing.T, b bucket) (summarize.Output, run.Report) {
	t.Helper()
	f := summarize.Function{Reader: b, Writer: b, Now: func() time.Time { return started.Add(time.Minute) }}
	output, err := f.Handle(t.Context(), event)
	require.NoError(t, err)
	var report run.Report
	require.NoError(t, json.Unmarshal([]byte(b["runs/e1/report.json"]), &report))
	return output, report
}

func TestHandleReportsEveryUser(t *testing.T) {
	t.Parallel()
	output, report := handle(t, bucket{
		"users": `[{"username":"alice","email":"alice@x.org"},{"username":"bob","email":"bob@x.org"},{"username":"carl"},{"username":"dora"},{"username":"eve"}]`,
		"manifest": `{"DestinationBucket":"runs","MapRunArn":"arn","ResultFiles":{
			"SUCCEEDED":[{"Key":"s0","Size":1},{"Key":"s1","Size":1}],"FAILED":[{"Key":"f0","Size":1}],"PENDING":[{"Key":"p0","Size":1}]}}`,
		"s0": `[{"Input":"{}","Output":"{\"username\":\"alice\",\"email\":\"alice@x.org\",\"outcome\":\"updated\",\"reason\":\"1 bucket added\",\"added\":[\"b\"]}","Status":"SUCCEEDED"}]`,
		"s1": `[{"Output":"{\"username\":\"bob\",\"outcome\":\"failed\",\"caught\":{\"Error\":\"KeysMissing\",\"Cause\":\"{\\\"errorMessage\\\":\\\"no key\\\\nat all\\\",\\\"errorType\\\":\\\"KeysMissing\\\"}\"}}"}]`,
		"f0": `[{"Input":"{\"user\":{\"username\":\"carl\"}}","Error":"States.Timeout","Status":"TIMED_OUT"}]`,
		"p0": `[{"Input":"{\"user\":{\"username\":\"dora\"}}","Status":"PENDING"}]`,
	})
	assert.Equal(t, run.Totals{Users: 5, Updated: 1, Failed: 4}, output.Totals)
	assert.Equal(t, output.Totals, report.Totals)
	assert.Equal(t, started.Add(time.Minute), report.EndedAt)
	assert.Equal(t, []run.Result{
		{Username: "alice", Email: "alice@x.org", Outcome: run.Updated, Reason: "1 bucket added", Added: []string{"b"}},
		{Username: "bob", Email: "bob@x.org", Outcome: run.Failed, Error: "KeysMissing", Reason: "no key; at all"},
		{Username: "carl", Outcome: run.Failed, Error: "States.Timeout", Reason: "took longer than its time limit"},
		{Username: "dora", Outcome: run.Failed, Error: "NoResult", Reason: "the run ended before this user was synced"},
		{Username: "eve", Outcome: run.Failed, Error: "NoResult", Reason: "the run ended before this user was synced"},
	}, report.Results)
	assert.Equal(t, "sync-users: 4 of 5 users failed", output.Subject)
	assert.Contains(t, output.Message, "  bob <bob@x.org>: no key; at all (KeysMissing)\n")
	assert.Contains(t, output.Message, "1 updated, 0 unchanged")
	assert.Contains(t, output.Message, "Report: s3://runs/runs/e1/report.json\nTo look at: s3://runs/runs/e1/report.html\nTo open it: sync-users report --open e1\n")
}

// The summary is an index, and the page is for looking at the report: without them, the run
// is as good.
func TestSummaryAndPageAreSavedIfPossible(t *testing.T) {
	t.Parallel()
	b := bucket{"users": `[]`, "manifest": `{"ResultFiles":{}}`}
	_, report := handle(t, b)
	var summary run.Summary
	require.NoError(t, json.Unmarshal([]byte(b["runs/e1/summary.json"]), &summary))
	assert.Equal(t, report.Summary, summary)

	assert.Equal(t, "s3://runs/runs/e1/report.html", summary.Page)

	writer := failingWriter{b, "runs/e1/summary.json"}
	_, err := summarize.Function{Reader: b, Writer: writer, Now: time.Now}.Handle(t.Context(), event)
	assert.NoError(t, err)
	writer.key = "runs/e1/report.html"
	_, err = summarize.Function{Reader: b, Writer: writer, Now: time.Now}.Handle(t.Context(), event)
	assert.NoError(t, err)
	assert.NotContains(t, b["runs/e1/report.json"], "report.html", "nobody is sent to a page that is not there")
	writer.key = "runs/e1/report.json"
	_, err = summarize.Function{Reader: b, Writer: writer, Now: time.Now}.Handle(t.Context(), event)
	assert.ErrorContains(t, err, "save the report")
}

// failingWriter can't write one key.
type failingWriter struct {
	bucket
	key string
}

func (w failingWriter) Save(ctx context.Context, key string, value any) (run.Object, error) {
	if key == w.key {
		return run.Object{}, io.ErrClosedPipe
	}
	return w.bucket.Save(ctx, key, value)
}

func (w failingWriter) SavePage(ctx context.Context, key string, html []byte) (run.Object, error) {
	if key == w.key {
		return run.Object{}, io.ErrClosedPipe
	}
	return w.bucket.SavePage(ctx, key, html)
}

func TestMessageIsEmptyIfNoUserFailed(t *testing.T) {
	t.Parallel()
	output, _ := handle(t, bucket{
		"users":    `[{"username":"alice"}]`,
		"manifest": `{"DestinationBucket":"runs","ResultFiles":{"SUCCEEDED":[{"Key":"s0"}],"FAILED":[],"PENDING":[]}}`,
		"s0":       `[{"Output":"{\"username\":\"alice\",\"outcome\":\"unchanged\",\"reason\":\"r\"}"}]`,
	})
	assert.Equal(t, run.Totals{Users: 1, Unchanged: 1}, output.Totals)
	assert.Empty(t, output.Message)
}

// The output is part of the workflow's state, which is limited to 256 KiB.
func TestOutputStaysSmall(t *testing.T) {
	t.Parallel()
	const n = 5000 // the most IAM users an account can have
	var users, children []string
	for i := range n {
		users = append(users, fmt.Sprintf(`{"username":"user%d","email":"user%d@example.org"}`, i, i))
		cause := strings.Repeat("ü", 2000)
		children = append(children, fmt.Sprintf(`{"Output":"{\"username\":\"user%d\",\"outcome\":\"failed\",\"caught\":{\"Error\":\"Unavailable\",\"Cause\":\"%s\"}}"}`, i, cause))
	}
	b := bucket{
		"users":    "[" + strings.Join(users, ",") + "]",
		"manifest": `{"DestinationBucket":"runs","ResultFiles":{"SUCCEEDED":[{"Key":"s0"}]}}`,
		"s0":       "[" + strings.Join(children, ",") + "]",
	}
	output, report := handle(t, b)
	text, err := json.Marshal(output)
	require.NoError(t, err)
	assert.Less(t, len(text), 16<<10)
	assert.Less(t, len(output.Subject), 100)
	assert.Contains(t, output.Message, "and 4980 more")
	assert.Less(t, len(b["runs/e1/summary.json"]), 1<<10)
	assert.Len(t, report.Results, n)
	assert.Equal(t, n, report.Totals.Failed)
}

func TestHandleReturnsErrorOfUnreadableResults(t *testing.T) {
	t.Parallel()
	b := bucket{"users": `[]`, "manifest": `{"ResultFiles":{"SUCCEEDED":[{"Key":"missing"}]}}`}
	f := summarize.Function{Reader: b, Writer: b, Now: time.Now}
	_, err := f.Handle(t.Context(), event)
	require.ErrorContains(t, err, "read results")
	assert.NotContains(t, b, "runs/e1/report.json")
}
