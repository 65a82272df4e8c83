package run

import "time"

// Summary is the summary of a run, for whoever looks at many runs. It is kept in the
// runs bucket beside the Report, and below 1 KB for any number of users.
type Summary struct {
	Execution string    `json:"execution"`
	StartedAt time.Time `json:"startedAt"`
	EndedAt   time.Time `json:"endedAt"`
	DryRun    bool      `json:"dryRun"`
	// Username is the only user of the run; absent in a run for all users.
	Username string `json:"username,omitempty"`
	// ChangedOnly reports whether only users who changed were synced.
	ChangedOnly bool `json:"changedOnly,omitempty"`
	// TooManyLosses says of a dry run why a run that writes would not start.
	TooManyLosses string `json:"tooManyLosses,omitempty"`
	Totals        Totals `json:"totals"`
	// Page is where the page of the report is, `s3://bucket/key`; absent if there is none, as
	// of a run of an earlier version.
	Page string `json:"page,omitempty"`
}

// Report is the report of a run, which is kept in the runs bucket. Its JSON has that of
// the Summary, so it is read as one where a run of an earlier version left none.
type Report struct {
	Summary
	// Results are in order of username, one for each user of the run, and then those of
	// accounts that no IAM user claims, in order of their names.
	Results []Result `json:"results"`
}

// Changes returns the report with the results alone that changed something; none in a
// dry run.
func (r Report) Changes() Report {
	results := r.Results
	r.Results = nil
	for _, result := range results {
		if result.Changed() && !r.DryRun {
			r.Results = append(r.Results, result)
		}
	}
	return r
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
