package run

import (
	"context"
	"log/slog"
	"time"
)

// Summary is the summary of a run, for whoever looks at many runs. It is kept in the
// runs bucket beside the Report, and below 1 KB for any number of users.
type Summary struct {
	Execution string    `json:"execution"`
	StartedAt time.Time `json:"startedAt"`
	EndedAt   time.Time `json:"endedAt"`
	DryRun    bool      `json:"dryRun"`
	// Username is the only user of the run; absent in a run for all users.
	Username string `json:"username,omitempty"`
	Totals   Totals `json:"totals"`
}

// Report is the report of a run, which is kept in the runs bucket. Its JSON has that of
// the Summary, so it is read as one where a run of an earlier version left none.
type Report struct {
	Summary
	// Results are in order of username, one for each user of the run.
	Results []Result `json:"results"`
}

// Save writes the report and then its summary, and returns the place of the report. It
// only logs an error of the summary, because the report is read where there is none.
func (r Report) Save(ctx context.Context, writer Writer) (Object, error) {
	object, err := writer.Save(ctx, ReportKey(r.Execution), r)
	if err != nil {
		return Object{}, err
	}
	if _, err := writer.Save(ctx, SummaryKey(r.Execution), r.Summary); err != nil {
		slog.WarnContext(ctx, "summary of the run not saved", "error", err)
	}
	return object, nil
}

// Totals counts a run's users by outcome.
type Totals struct {
	Users     int `json:"users"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	Revoked   int `json:"revoked"`
	Skipped   int `json:"skipped"`
	Failed    int `json:"failed"`
}

// Count returns the totals of results. An unknown outcome counts as failed.
func Count(results []Result) Totals {
	totals := Totals{Users: len(results)}
	for _, result := range results {
		switch result.Outcome {
		case Updated:
			totals.Updated++
		case Unchanged:
			totals.Unchanged++
		case Revoked:
			totals.Revoked++
		case Skipped:
			totals.Skipped++
		default:
			totals.Failed++
		}
	}
	return totals
}
