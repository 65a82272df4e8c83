package faults

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/faults"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// round is what happened in a round.
type round struct {
	seed   string
	number int
	took   time.Duration
	faults []faults.Injected
	// runs is how many runs with faults it took until one had a report. The status is
	// that of the last one, and totals those of its report, if it has any.
	runs   int
	status types.ExecutionStatus
	totals *run.Totals

	violations violations
}

// violations are descriptions of what must not be, by what it is.
type violations map[string][]string

func (v *violations) add(what, format string, args ...any) {
	if *v == nil {
		*v = violations{}
	}
	(*v)[what] = append((*v)[what], fmt.Sprintf(format, args...))
}

// What must not be.
const (
	wronglyKept  = "wrongly kept"  // what neither the old nor the new memberships give, or any but the new after the calm run
	wronglyLost  = "wrongly lost"  // what both give, or the new after the calm run
	falseSuccess = "false success" // something else than what a result says
	leftOver     = "left over"     // a record with keys that nobody should have, after the calm run
	openSession  = "open session"  // from before something was taken away, after the calm run
)

var allViolations = []string{wronglyKept, wronglyLost, falseSuccess, leftOver, openSession}

// maxRuns is how many runs with faults a round has at most. A run may fail before it
// gets to anybody; then another one is started, as an operator does.
const maxRuns = 10

// runRound changes memberships and keys, runs the workflow with faults and then
// without.
func runRound(t *testing.T, seed string, number int, users []*testUser) round {
	t.Helper()
	start := time.Now()
	r := round{seed: seed, number: number}
	before := readAccounts(t, users)
	sessions := openSessions(t, users, before)
	change(t, newRandom(seed, number), users)

	injector, remove := inject(fmt.Sprintf("%s/%d", seed, number))
	for r.totals == nil && r.runs < maxRuns {
		r.runs++
		execution := localtest.WaitForEnd(t, cloud, localtest.StartRun(t, cloud, `{"acceptLosses":true}`))
		after := readAccounts(t, users)
		r.status = execution.Status
		r.checkAccess(users, before, after)
		if report := readReport(t, *execution.Name); report != nil {
			r.totals = &report.Totals
			r.checkReport(users, after, sessions, *report)
		}
	}
	remove()
	r.faults = injector.Injected()

	calm := localtest.WaitForEnd(t, cloud, localtest.StartRun(t, cloud, `{"acceptLosses":true}`))
	if calm.Status != types.ExecutionStatusSucceeded {
		r.violations.add(falseSuccess, "the calm run: %s: %s", aws.ToString(calm.Error), aws.ToString(calm.Cause))
	}
	r.checkInSync(users, readAccounts(t, users))
	if report := readReport(t, *calm.Name); report != nil {
		r.checkReport(users, readAccounts(t, users), sessions, *report)
	}
	r.checkFolders(t, users)
	r.checkSessions(users, before, sessions)
	for _, s := range sessions {
		s.close()
	}
	_, err := cloud.ReceiveMails(t.Context())
	require.NoError(t, err)
	r.took = time.Since(start)
	t.Logf("seed %s, round %d: %s, %d faults, %.0f s", seed, number, r.outcome(), len(r.faults), r.took.Seconds())
	return r
}

// newRandom returns the source of the changes of a round.
func newRandom(seed string, number int) *rand.Rand {
	hash := fnv.New64a()
	_, _ = io.WriteString(hash, seed)
	return rand.New(rand.NewPCG(hash.Sum64(), uint64(number)))
}

// checkAccess compares accounts before and after the run with faults.
func (r *round) checkAccess(users []*testUser, before, after accounts) {
	for _, p := range users {
		old, now := before[p.username], after[p.username]
		for bucket := range now.folders {
			if _, had := old.folders[bucket]; !had && !slices.Contains(p.buckets(), bucket) {
				r.violations.add(wronglyKept, "%s has %s", p.username, bucket)
			}
		}
		for bucket := range old.folders {
			if slices.Contains(p.buckets(), bucket) && !now.reaches(bucket) {
				r.violations.add(wronglyLost, "%s lost %s", p.username, bucket)
			}
		}
		if old.foreign != now.foreign {
			r.violations.add(wronglyLost, "%s has %q instead of %q", p.username, now.foreign, old.foreign)
		}
	}
}

// checkInSync compares accounts after the calm run with memberships and keys.
func (r *round) checkInSync(users []*testUser, accounts accounts) {
	for _, p := range users {
		now := accounts[p.username]
		for bucket := range now.folders {
			if !slices.Contains(p.buckets(), bucket) {
				r.violations.add(wronglyKept, "after the calm run, %s has %s", p.username, bucket)
			}
		}
		for _, bucket := range p.buckets() {
			if !now.reaches(bucket) {
				r.violations.add(wronglyLost, "after the calm run, %s has no %s", p.username, bucket)
			}
		}
	}
}

// checkReport compares the results of a run with the accounts.
func (r *round) checkReport(users []*testUser, accounts accounts, sessions map[string]*session, report run.Report) {
	if len(report.Results) != len(users) {
		r.violations.add(falseSuccess, "%d results for %d users", len(report.Results), len(users))
	}
	for _, result := range report.Results {
		i := slices.IndexFunc(users, func(p *testUser) bool { return p.username == result.Username })
		p, now := users[i], accounts[result.Username]
		differences := now.differences(p)
		switch result.Outcome {
		case run.Updated, run.Unchanged:
			if !slices.Equal(result.Buckets, p.buckets()) {
				differences = append(differences, fmt.Sprintf("reports %v", result.Buckets))
			}
		case run.Revoked:
			if s := sessions[p.username]; s != nil && !s.ends() {
				differences = append(differences, "the session is open")
			}
			fallthrough
		case run.Skipped:
			if len(p.groups) > 0 {
				differences = append(differences, fmt.Sprintf("is in %v", p.groups))
			}
		case run.Failed:
			continue
		}
		for _, difference := range differences {
			r.violations.add(falseSuccess, "%s is %s (%s), but %s", p.username, result.Outcome, result.Reason, difference)
		}
	}
}

// checkFolders looks for records with keys that should not be.
func (r *round) checkFolders(t *testing.T, users []*testUser) {
	t.Helper()
	wanted := map[string]bool{foreignFolder: true}
	for _, p := range users {
		for _, bucket := range p.buckets() {
			wanted[p.folderName(bucket)] = true
		}
	}
	folders, err := fixtures.SFTPGo.Folders(t.Context())
	require.NoError(t, err)
	for _, folder := range folders {
		if name := folder["name"].(string); !wanted[name] {
			r.violations.add(leftOver, "%s", name)
		}
	}
}

// checkSessions looks for open sessions of users who lost something, or whose keys
// changed.
func (r *round) checkSessions(users []*testUser, before accounts, sessions map[string]*session) {
	for _, p := range users {
		s := sessions[p.username]
		if s == nil {
			continue
		}
		changed := ""
		for bucket, folder := range before[p.username].folders {
			switch {
			case !slices.Contains(p.buckets(), bucket):
				changed = "lost " + bucket
			case folder.description != p.keyDescription() && changed == "":
				changed = "has other keys"
			}
		}
		if changed != "" && !s.ends() {
			r.violations.add(openSession, "%s %s", p.username, changed)
		}
	}
}

// readReport returns the report of an execution; nil if it has none.
func readReport(t *testing.T, execution string) *run.Report {
	t.Helper()
	got, err := s3.NewFromConfig(cloud.AWS()).GetObject(t.Context(), &s3.GetObjectInput{
		Bucket: &cloud.Outputs.RunsBucketName, Key: aws.String(run.ReportKey(execution)),
	})
	if errors.As(err, new(*s3types.NoSuchKey)) {
		return nil
	}
	require.NoError(t, err)
	defer got.Body.Close()
	var report run.Report
	require.NoError(t, json.NewDecoder(got.Body).Decode(&report))
	return &report
}

// outcome says how the run with faults ended.
func (r round) outcome() string {
	text := strings.ToLower(string(r.status))
	if r.totals == nil {
		return text + ", no report"
	}
	return fmt.Sprintf("%s: %d updated, %d unchanged, %d revoked, %d skipped, %d failed", text,
		r.totals.Updated, r.totals.Unchanged, r.totals.Revoked, r.totals.Skipped, r.totals.Failed)
}

// countFaults says how many faults of each kind there were.
func (r round) countFaults() string {
	counts := map[faults.Kind]int{}
	for _, fault := range r.faults {
		counts[fault.Kind]++
	}
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s: %d", kind, counts[kind]))
	}
	return strings.Join(parts, ", ")
}
