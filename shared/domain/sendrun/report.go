package sendrun

import (
	"time"

	"github.com/digipres/sync-users/shared/domain/failuremail"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

// Summary is a run in short.
type Summary struct {
	Execution string    `json:"execution"`
	StartedAt time.Time `json:"startedAt"`
	EndedAt   time.Time `json:"endedAt"`
	DryRun    bool      `json:"dryRun"`
	// Key is the only object of the run; absent in a run for all.
	Key string `json:"key,omitempty"`
	// Keys is how many objects were asked for by their keys, if it was more than one.
	Keys   int    `json:"keys,omitempty"`
	Totals Totals `json:"totals"`
	// Page is where the page of the report is, `s3://bucket/key`; absent if there is none.
	Page string `json:"page,omitempty"`
	// Error and Reason are those of a run that failed as a whole.
	Error  string `json:"error,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Failed reports whether anything failed.
func (s Summary) Failed() bool { return s.Error != "" || s.Totals.Failed > 0 }

// Report is the report of a run, which is kept in the runs bucket.
type Report struct {
	Summary
	// Results are in order of key, one for each object of the run.
	Results []sendfile.Result `json:"results"`
}

// Totals counts objects by outcome.
type Totals struct {
	Objects   int `json:"objects"`
	Sent      int `json:"sent"`
	Unchanged int `json:"unchanged"`
	Skipped   int `json:"skipped"`
	Failed    int `json:"failed"`
	// Bytes is the size of all that were sent.
	Bytes int64 `json:"bytes"`
}

// count adds the result of an object. An unknown outcome counts as failed.
func (t *Totals) count(result sendfile.Result) {
	t.Objects++
	switch result.Outcome {
	case sendfile.Sent:
		t.Sent++
		t.Bytes += result.Size
	case sendfile.Unchanged:
		t.Unchanged++
	case sendfile.Skipped:
		t.Skipped++
	default:
		t.Failed++
	}
}

// add adds the totals of another run.
func (t *Totals) add(other Totals) {
	t.Objects += other.Objects
	t.Sent += other.Sent
	t.Unchanged += other.Unchanged
	t.Skipped += other.Skipped
	t.Failed += other.Failed
	t.Bytes += other.Bytes
}

// DayKey returns the key of a day's report in the runs bucket. Days are those of UTC.
func DayKey(day time.Time) string { return "days/" + day.UTC().Format(time.DateOnly) + ".json" }

// Day is the report of all runs that ended on a day. An object that failed in several runs
// counts in each of them.
type Day struct {
	Date   string `json:"date"`
	Runs   int    `json:"runs"`
	Totals Totals `json:"totals"`
	// Failures are the objects that failed, each with its last failure.
	Failures map[string]failuremail.Failure `json:"failures,omitempty"`
}

func (d *Day) add(report Report, failures []failuremail.Failure) {
	d.Runs++
	d.Totals.add(report.Totals)
	for _, result := range report.Results {
		if result.Outcome != sendfile.Failed {
			delete(d.Failures, result.Key)
		}
	}
	for _, f := range failures {
		if d.Failures == nil {
			d.Failures = map[string]failuremail.Failure{}
		}
		if _, ok := d.Failures[f.Key]; ok || len(d.Failures) < failuremail.MaxWaiting {
			d.Failures[f.Key] = f
		}
	}
}
