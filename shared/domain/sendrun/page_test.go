package sendrun_test

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/shared/domain/sendrun"
)

var update = flag.Bool("update", false, "write the golden files anew")

func writePage(t *testing.T, report sendrun.Report) string {
	t.Helper()
	var b bytes.Buffer
	installation := run.Installation{CloudFormationStack: "send-files", RunsBucket: "123456789012-send-files-runs-us-east-1"}
	require.NoError(t, sendrun.Page(report, installation).Write(&b))
	return b.String()
}

func TestPage(t *testing.T) {
	t.Parallel()
	object := func(key string, size int64) sendfile.Object {
		return sendfile.Object{Bucket: "outgoing", Key: key, Size: size}
	}
	report := sendrun.Report{
		Summary: sendrun.Summary{
			Execution: "start-20261121T100000Z-jane-k3m9xq", StartedAt: noon, EndedAt: noon.Add(83400 * time.Millisecond),
			Totals: sendrun.Totals{Objects: 6, Sent: 2, Unchanged: 1, Skipped: 1, Failed: 2, Bytes: 3<<30 + 5},
		},
		Results: []sendfile.Result{
			{Object: object("out/<b>.csv", 5), Outcome: sendfile.Sent, Path: "/in/<b>.csv", Seconds: 0.25, After: sendfile.Delete, SHA256: "2cf24dba"},
			{Object: object("out/full.bin", 1<<20), Outcome: sendfile.Failed, Error: "DiskFull", Reason: "write /in/full.bin: no space"},
			{Object: object("out/large.bin", 3<<30), Outcome: sendfile.Sent, Path: "/in/large.bin", Seconds: 61, After: sendfile.Keep},
			{Object: object("out/late.bin", 0), Outcome: sendfile.Failed, Error: "States.Timeout", Reason: "it took too long"},
			{Object: object("out/old.csv", 5), Outcome: sendfile.Unchanged, Path: "/in/old.csv", Reason: "it was sent before"},
			{Object: object("out/sub/", 0), Outcome: sendfile.Skipped, Reason: "it is an empty folder"},
		},
	}
	_, got, _ := strings.Cut(writePage(t, report), "<body>\n")
	const golden = "testdata/report.html" // without what every page has
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)

	report.DryRun, report.Key = true, "out/a"
	dry := writePage(t, report)
	for _, text := range []string{"Dry run start-", "yes: nothing was sent", "<dd>out/a</dd>", "Would be sent: 2"} {
		assert.Contains(t, dry, text)
	}
}

// A run that failed as a whole says so, though no object has a result.
func TestPageOfFailedRun(t *testing.T) {
	t.Parallel()
	got := writePage(t, sendrun.Report{Summary: sendrun.Summary{Execution: "first", Error: "LoginRefused", Reason: "the server refuses the login"}})
	for _, text := range []string{"The run failed", "the server refuses the login", "Ask the partner which username"} {
		assert.Contains(t, got, text)
	}
}
