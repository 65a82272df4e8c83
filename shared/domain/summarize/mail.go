package summarize

import (
	"fmt"
	"strings"

	"github.com/digipres/sync-users/shared/domain/run"
)

// maxListed is how many failed users a mail names. With maxReason it keeps the
// text far below what a workflow's state (256 KiB) and SNS (256 KiB) take.
const maxListed = 20

// subject is the mail's subject: ASCII on one line and below 100 characters,
// as SNS wants it (https://docs.aws.amazon.com/sns/latest/api/API_Publish.html).
func subject(totals run.Totals) string {
	return fmt.Sprintf("sync-users: %d of %d users failed", totals.Failed, totals.Users)
}

// message tells who failed and why, what became of the others, and what to do.
// It is empty when nobody failed.
func message(report run.Report, at run.Object) string {
	totals := report.Totals
	if totals.Failed == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d users could not be synced:\n\n", totals.Failed, totals.Users)
	listed := 0
	for _, result := range report.Results {
		if result.Outcome != run.Failed {
			continue
		}
		if listed++; listed > maxListed {
			fmt.Fprintf(&b, "  … and %d more, who are in the report\n", totals.Failed-maxListed)
			break
		}
		fmt.Fprintf(&b, "  %s: %s (%s)\n", person(result), result.Reason, result.Error)
	}
	fmt.Fprintf(&b, "\nThe others are done: %d updated, %d unchanged, %d revoked, %d skipped.\n",
		totals.Updated, totals.Unchanged, totals.Revoked, totals.Skipped)
	if report.DryRun {
		b.WriteString("This was a dry run: nothing was written.\n")
	}
	b.WriteString("Once the causes are mended, upload TRIGGER again, or start a run for one person with {\"username\":\"…\"}.\n")
	fmt.Fprintf(&b, "\nExecution: %s\nReport: s3://%s/%s\n", report.Execution, at.Bucket, at.Key)
	return b.String()
}

func person(result run.Result) string {
	if result.Email == "" {
		return result.Username
	}
	return result.Username + " <" + result.Email + ">"
}
