package summarize

import (
	"fmt"
	"strings"

	"github.com/digipres/sync-users/shared/domain/run"
)

// maxListed is the most failed users that a mail lists. It keeps the text far
// below the limits of a workflow's state and of SNS, both 256 KiB.
const maxListed = 20

// defaultStack is the name of the CloudFormation stack that the command line takes by default.
const defaultStack = "sync-users"

// subject returns the mail's subject: one line of fewer than 100 ASCII characters,
// as SNS requires (https://docs.aws.amazon.com/sns/latest/api/API_Publish.html).
func subject(totals run.Totals) string {
	return fmt.Sprintf("sync-users: %d of %d users failed", totals.Failed, totals.Users)
}

// message returns the mail's text: which users failed and why, the totals of the
// others, and what to do. It returns "" if no user failed.
func message(report run.Report, object run.Object, stack string) string {
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
			fmt.Fprintf(&b, "  … and %d more; see the report\n", totals.Failed-maxListed)
			break
		}
		fmt.Fprintf(&b, "  %s: %s (%s)\n", nameAndEmail(result), result.Reason, result.Error)
	}
	fmt.Fprintf(&b, "\nThe others are done: %d updated, %d unchanged, %d revoked, %d skipped.\n",
		totals.Updated, totals.Unchanged, totals.Revoked, totals.Skipped)
	if report.DryRun {
		b.WriteString("This was a dry run: nothing was written.\n")
	}
	b.WriteString("Once the causes are corrected, upload TRIGGER again, or start a run for one user with {\"username\":\"…\"}.\n")
	fmt.Fprintf(&b, "\nExecution: %s\nReport: %s\n", report.Execution, object.URI())
	if report.Page != "" {
		fmt.Fprintf(&b, "To look at: %s\nTo open it: %s\n", report.Page, openCommand(report.Execution, stack))
	}
	return b.String()
}

// openCommand returns the command line that opens the page of a run.
func openCommand(execution, stack string) string {
	command := "sync-users report --open " + execution
	if stack != defaultStack {
		command += " --stack-name " + stack
	}
	return command
}

func nameAndEmail(result run.Result) string {
	switch {
	case result.Email == "":
		return result.Username
	case result.Username == "":
		return result.Email
	}
	return result.Username + " <" + result.Email + ">"
}
