package fetchrun

import (
	"cmp"
	"slices"
	"time"
)

// Summary is a run in short.
type Summary struct {
	Execution string    `json:"execution"`
	StartedAt time.Time `json:"startedAt"`
	EndedAt   time.Time `json:"endedAt"`
	DryRun    bool      `json:"dryRun"`
	// Sync is the only sync of the run; absent in a run for all.
	Sync   string `json:"sync,omitempty"`
	Totals Totals `json:"totals"`
	// Error and Reason are those of a run that failed as a whole.
	Error  string `json:"error,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Report is the report of a run, which is kept in the runs bucket. In a dry run, it is what a
// run would do.
type Report struct {
	Summary
	// Syncs are those of the run, in order of their names.
	Syncs []SyncReport `json:"syncs"`
	// Folders are those that could not be listed or cleaned up.
	Folders []FolderFailure `json:"folders,omitempty"`
	// Notes are what a person should know.
	Notes []string `json:"notes,omitempty"`
	// Results are in order of sync and path, one for each file about which there is
	// something to say. There are no more than maxResults; failures come first into them.
	Results []Result `json:"results"`
	// Omitted is how many more there are. The objects under runs/<run>/results/ have all.
	Omitted int `json:"omitted,omitempty"`
}

// SyncReport is the part of a sync.
type SyncReport struct {
	Name string `json:"name"`
	// LeftOut is whether another run fetches for it.
	LeftOut bool   `json:"leftOut,omitempty"`
	Totals  Totals `json:"totals"`
	// Error and Reason say why a mirror did not delete.
	Error  string `json:"error,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// maxResults is the most files that a report lists.
const maxResults = 50_000

// Failed reports whether anything failed.
func (r *Report) Failed() bool {
	return r.Error != "" || r.Totals.Failed+r.Totals.FoldersFailed > 0 ||
		slices.ContainsFunc(r.Syncs, func(s SyncReport) bool { return s.Error != "" })
}

// add adds the result of a file.
func (r *Report) add(result Result) {
	r.sync(result.Sync).Totals.count(result)
	if len(r.Results) < maxResults {
		r.Results = append(r.Results, result)
		return
	}
	r.Omitted++
	if result.Outcome != Failed {
		return
	}
	// A failure takes the place of what is none.
	if i := slices.IndexFunc(r.Results, func(o Result) bool { return o.Outcome != Failed }); i >= 0 {
		r.Results[i] = result
	}
}

// fail adds a folder that failed.
func (r *Report) fail(failure FolderFailure) {
	r.sync(failure.Sync).Totals.FoldersFailed++
	r.Folders = append(r.Folders, failure)
}

// sync returns the part of a sync.
func (r *Report) sync(name string) *SyncReport {
	i := slices.IndexFunc(r.Syncs, func(s SyncReport) bool { return s.Name == name })
	if i < 0 {
		i = len(r.Syncs)
		r.Syncs = append(r.Syncs, SyncReport{Name: name})
	}
	return &r.Syncs[i]
}

// finish sorts the report and adds up its totals.
func (r *Report) finish() {
	slices.SortFunc(r.Results, func(a, b Result) int {
		return cmp.Or(cmp.Compare(a.Sync, b.Sync), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Outcome, b.Outcome))
	})
	slices.SortFunc(r.Folders, func(a, b FolderFailure) int { return cmp.Or(cmp.Compare(a.Sync, b.Sync), cmp.Compare(a.Path, b.Path)) })
	for _, sync := range r.Syncs {
		r.Totals.add(sync.Totals)
	}
}
