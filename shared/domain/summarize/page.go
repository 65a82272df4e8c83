package summarize

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/digipres/sync-users/shared/domain/page"
	"github.com/digipres/sync-users/shared/domain/run"
)

// maxOpen is the most users without a change that a page shows before somebody asks for them.
const maxOpen = 25

// tones are the colors of outcomes.
var tones = map[run.Outcome]page.Tone{
	run.Updated: page.Good, run.Revoked: page.Warning, run.Skipped: page.Faint, run.Failed: page.Bad,
}

// Page returns the page of a report: who failed and what to do about it, who lost and who
// gained access, and everybody else.
func Page(report run.Report, installation run.Installation) page.Page {
	rows := map[string][]page.Row{}
	for _, r := range report.Results {
		addRows(rows, r)
	}
	failed, lost, gained, others := rows["failed"], rows["lost"], rows["gained"], rows["others"]
	title, lostTitle, gainedTitle := "Run ", "Lost access", "Gained access"
	failedNote := "The others are done. Once the causes are corrected, upload TRIGGER again, or start a run for one user."
	if report.DryRun {
		title, lostTitle, gainedTitle, failedNote = "Dry run ", "Would lose access", "Would gain access", ""
	}
	return page.Page{
		Title:  title + report.Execution,
		Facts:  facts(report, installation),
		Counts: counts(report.Totals, len(lost), len(gained)),
		Tables: []page.Table{
			{Title: page.Numbered("Failed", failed), Header: []string{"User", "Account", "Why", "Error", "What to do"}, Rows: failed, Note: failedNote},
			{Title: page.Numbered(lostTitle, lost), Header: []string{"User", "Account", "Outcome", "Buckets"}, Rows: lost},
			{Title: page.Numbered(gainedTitle, gained), Header: []string{"User", "Account", "Outcome", "Buckets"}, Rows: gained},
			{Title: page.Numbered("Others", others), Header: []string{"User", "Account", "Outcome", "Why", "Has"}, Rows: others,
				Note:      "They neither failed nor gained or lost a bucket.",
				Collapsed: len(others) > maxOpen},
		},
	}
}

// addRows adds a result to the tables that it belongs to.
func addRows(tables map[string][]page.Row, r run.Result) {
	outcome := tones[r.Outcome].Text(string(r.Outcome))
	add := func(table string, cells ...page.Cell) {
		tables[table] = append(tables[table], page.Row{
			Tags:  slices.Compact([]string{string(r.Outcome), table}),
			Cells: append([]page.Cell{page.Text(cmp.Or(r.Username, "no IAM user")), page.Text(r.Email)}, cells...),
		})
	}
	if r.Outcome == run.Failed {
		add("failed", page.Text(r.Reason), page.Bad.Text(r.Error), page.Text(r.Remedy()))
	}
	if len(r.Removed) > 0 {
		add("lost", outcome, page.Warning.List(r.Removed))
	}
	if len(r.Added) > 0 {
		add("gained", outcome, page.Good.List(r.Added))
	}
	if r.Outcome != run.Failed && len(r.Removed)+len(r.Added) == 0 {
		add("others", outcome, page.Text(r.Reason), page.Text(count(len(r.Buckets), "bucket")))
	}
}

func facts(report run.Report, installation run.Installation) []page.Fact {
	users := "all"
	if report.Username != "" {
		users = "only " + report.Username
	}
	dryRun := "no"
	if report.DryRun {
		dryRun = "yes: nothing was written"
	}
	return []page.Fact{
		{Name: "Users", Value: users},
		{Name: "Dry run", Value: dryRun},
		{Name: "Started", Value: page.Time(report.StartedAt)},
		{Name: "Ended", Value: page.Time(report.EndedAt)},
		{Name: "Took", Value: report.EndedAt.Sub(report.StartedAt).Round(time.Second / 10).String()},
		{Name: "CloudFormation stack", Value: installation.CloudFormationStack},
		{Name: "Runs bucket", Value: installation.RunsBucket},
	}
}

func counts(totals run.Totals, lost, gained int) []page.Count {
	return page.Counts(
		page.Count{N: totals.Users, Label: "users"},
		page.Count{N: totals.Failed, Label: "failed", Tag: string(run.Failed), Tone: page.Bad},
		page.Count{N: lost, Label: "lost access", Tag: "lost", Tone: page.Warning},
		page.Count{N: gained, Label: "gained access", Tag: "gained", Tone: page.Good},
		page.Count{N: totals.Updated, Label: "updated", Tag: string(run.Updated)},
		page.Count{N: totals.Unchanged, Label: "unchanged", Tag: string(run.Unchanged)},
		page.Count{N: totals.Revoked, Label: "revoked", Tag: string(run.Revoked)},
		page.Count{N: totals.Skipped, Label: "skipped", Tag: string(run.Skipped)},
	)
}

func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return strconv.Itoa(n) + " " + thing
}
