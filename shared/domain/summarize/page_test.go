package summarize_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/summarize"
)

var update = flag.Bool("update", false, "write the golden files anew")

var installation = run.Installation{CloudFormationStack: "sync-users", RunsBucket: "123456789012-sync-users-runs-us-east-1"}

// reportOf returns the report of a run with results.
func reportOf(results ...run.Result) run.Report {
	return run.Report{Results: results, Summary: run.Summary{
		Execution: "start-20261121T100000Z-jane-k3m9xq", StartedAt: started, EndedAt: started.Add(83400 * time.Millisecond), Totals: run.Count(results),
	}}
}

func writePage(t testing.TB, report run.Report) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, summarize.Page(report, installation).Write(&b))
	return b.String()
}

func TestPage(t *testing.T) {
	t.Parallel()
	report := reportOf(
		run.Result{Username: "alice", Email: "alice@example.org", Outcome: run.Updated, Reason: "1 bucket added, 1 removed", Buckets: []string{"digipres-dev1-data"}, Added: []string{"digipres-dev1-data"}, Removed: []string{"digipres-prod-archive"}},
		run.Result{Username: "bob", Email: "bob+x@example.org", Outcome: run.Failed, Reason: "/iam/access_key/bob is missing", Error: "KeysMissing"},
		run.Result{Username: "carol", Email: "carol@example.org", Outcome: run.Failed, Reason: "took longer than its time limit", Error: "States.Timeout"},
		run.Result{Username: "dave", Email: "dave@example.org", Outcome: run.Revoked, Reason: "no stack group", Removed: []string{"digipres-dev1-data", "digipres-dev1-managed"}},
		run.Result{Username: "erin", Email: "erin@example.org", Outcome: run.Updated, Reason: "access key changed", Buckets: []string{"digipres-dev1-data"}, KeyRotated: true},
		run.Result{Username: `<script>alert("frank")</script>`, Outcome: run.Skipped, Reason: "no Email tag"},
		run.Result{Username: "grace", Email: "grace@example.org", Outcome: run.Unchanged, Reason: "in sync", Buckets: []string{"digipres-dev1-data", "digipres-dev1-managed"}},
		run.Result{Email: "heidi@example.org", Outcome: run.Revoked, Reason: "no IAM user has this Email tag", Removed: []string{"digipres-dev1-data"}},
	)
	_, got, _ := strings.Cut(writePage(t, report), "<body>\n")
	golden := "testdata/report.html" // without what every page has
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)

	report.DryRun, report.Username = true, "alice"
	dry := writePage(t, report)
	for _, text := range []string{"Dry run start-", "yes: nothing was written", "only alice", "Would lose access: 3", "Would gain access: 1"} {
		assert.Contains(t, dry, text)
	}
	assert.NotContains(t, dry, "The others are done")
}

// A run without a change shows that, and little else.
func TestPageOfManyUnchangedUsers(t *testing.T) {
	t.Parallel()
	var results []run.Result
	for i := range 5000 {
		results = append(results, run.Result{
			Username: fmt.Sprintf("user%d", i), Email: fmt.Sprintf("user%d@example.org", i), Outcome: run.Unchanged,
			Reason: "already in sync", Buckets: []string{"digipres-dev1-data", "digipres-dev1-managed"},
		})
	}
	got := writePage(t, reportOf(results...))
	assert.NotContains(t, got, "Failed: ")
	assert.Contains(t, got, "<details open data-collapsed>\n<summary><h2 id=\"t3\">Others: 5000</h2>")
	assert.Less(t, len(got), 1<<20)
	t.Logf("%d KiB", len(got)>>10)
}
