package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// shape documents a JSON value that commands print. Fields are named by their
// path; [] stands for each element of an array.
type shape struct {
	of     string
	fields [][2]string
}

var shapes = []shape{
	{"plan, sync, report, start --follow and trigger --follow print a report:", [][2]string{
		{"execution", "the run's name; empty for a plan"},
		{"startedAt", "a time, as RFC 3339 has it"},
		{"endedAt", "a time"},
		{"dryRun", "whether nothing was written"},
		{"username", "the one IAM user it is about; absent for everybody"},
		{"totals.users", "how many users"},
		{"totals.updated", "how many of them were updated"},
		{"totals.unchanged", "were right already"},
		{"totals.revoked", "lost their last stack"},
		{"totals.skipped", "have nothing to sync"},
		{"totals.failed", "could not be synced"},
		{"results[].username", "the IAM user"},
		{"results[].email", "the Email tag, which is the SFTPGo username; absent without one"},
		{"results[].outcome", "updated, unchanged, revoked, skipped or failed"},
		{"results[].reason", "why, in plain words"},
		{"results[].error", "the kind of failure, such as KeysMissing; absent otherwise"},
		{"results[].buckets[]", "what the account shows afterwards; absent if nothing, as are the next"},
		{"results[].added[]", "buckets that came"},
		{"results[].removed[]", "buckets that went"},
		{"results[].keyRotated", "true if folders got another access key; absent otherwise"},
	}},
	{"status prints an array, the newest run first:", [][2]string{
		{"[].run", "the run's name, for report"},
		{"[].from", "workflow or command line"},
		{"[].status", "running, succeeded, failed, timed_out, aborted or pending_redrive"},
		{"[].startedAt", "a time"},
		{"[].endedAt", "a time; null while it is going on"},
		{"[].dryRun", "whether nothing was written"},
		{"[].username", "the one IAM user it is about; absent for everybody"},
		{"[].totals.users", "as in a report; totals is null as long as it is not known"},
		{"[].totals.updated", "as in a report, and 0 while it is going on, as are the next"},
		{"[].totals.unchanged", "as in a report"},
		{"[].totals.revoked", "as in a report"},
		{"[].totals.skipped", "as in a report"},
		{"[].totals.failed", "as in a report"},
		{"[].done", "how many users are done"},
		{"[].error", "why a run without a report failed; absent otherwise"},
	}},
	{"explain prints:", [][2]string{
		{"username", "the IAM user"},
		{"email", "the Email tag; empty without one"},
		{"sharedWith[]", "other IAM users with that tag"},
		{"groups[].name", "an IAM group the user is in"},
		{"groups[].stack", "the stack it gives; absent for one that is ignored"},
		{"groups[].ignored", "why it gives none; absent for one that does"},
		{"stacks[].name", "a stack of the user's"},
		{"stacks[].buckets[].name", "a bucket of it"},
		{"stacks[].buckets[].region", "and its region"},
		{"stacks[].replicas[]", "replication copies, which are shown to nobody; absent without any"},
		{"keys.stored", "whether both keys are in Parameter Store"},
		{"keys.problem", "what is missing; absent if nothing is"},
		{"keys.accessKey", "the end of the access key id; absent unless it is the user's"},
		{"keys.status", "active, inactive, not theirs or unknown; absent without keys"},
		{"keys.statusProblem", "why it is unknown; absent otherwise"},
		{"account.exists", "whether there is an SFTPGo account"},
		{"account.paths[].path", "a path of the account"},
		{"account.paths[].bucket", "the bucket shown there; absent without one, as are the next"},
		{"account.paths[].folder", "the virtual folder"},
		{"account.paths[].accessKey", "the end of the access key id that the folder has"},
		{"account.paths[].is[]", "permissions, as they are"},
		{"account.paths[].should[]", "permissions, as they should be"},
		{"account.paths[].verdict", "how the one is to the other, in plain words"},
		{"sync.…", "what a sync would come to: an element of a report's results"},
	}},
	{"check prints an array:", [][2]string{
		{"[].section", "AWS, SFTPGo, Keys or Deployment"},
		{"[].item", "what was tried"},
		{"[].mark", "ok, failed, or - for what was not tried"},
		{"[].detail", "what was found, or the error"},
		{"[].remedy", "what to do about it; absent if nothing is wrong"},
	}},
	{"start prints, unless it follows:", [][2]string{
		{"run", "the run's name, for report"},
		{"arn", "the execution's ARN"},
	}},
	{"trigger prints, unless it follows:", [][2]string{
		{"bucket", "the managed bucket"},
		{"key", "the object that was uploaded"},
	}},
}

// outputsTopic is a page of help.
func outputsTopic() *cobra.Command {
	var b strings.Builder
	b.WriteString(`What a command found out goes to standard output, as a table, JSON or CSV; what it
says meanwhile, and errors, go to standard error. The tables of plan and sync leave
out those whose account is as it should be; JSON and CSV have everybody. Times are
local in tables, and as the server has them in JSON and CSV.

CSV has a header. Lists in it are separated by spaces.

JSON has these shapes. Fields may be added; none is renamed or removed.
`)
	for _, s := range shapes {
		fmt.Fprintf(&b, "\n%s\n\n", s.of)
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		for _, field := range s.fields {
			fmt.Fprintf(w, "  %s\t%s\n", field[0], field[1])
		}
		_ = w.Flush()
	}
	return &cobra.Command{Use: "output", Short: "What --output json and csv print", Long: strings.TrimSpace(b.String())}
}
