package sendrun

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

// Mail is a mail about failures.
type Mail struct {
	Subject string `json:"subject"`
	Message string `json:"message"`
}

// maxListed is the most failures that a mail lists. It keeps the text far below the limits
// of a workflow's state and of SNS, both 256 KiB.
const maxListed = 50

// newMail returns the mail about failures, of which omitted more are not known.
func newMail(failures map[string]Failure, omitted int, installation, runsBucket string) Mail {
	objects, runs := 0, 0
	for _, f := range failures {
		if f.Key == "" {
			runs++
		} else {
			objects++
		}
	}
	subject := fmt.Sprintf("%s: %d objects could not be sent", installation, objects+omitted)
	switch {
	case objects == 0:
		subject = installation + ": the run failed"
	case objects == 1 && omitted == 0:
		subject = installation + ": 1 object could not be sent"
	}
	var b strings.Builder
	if objects > 0 {
		fmt.Fprintf(&b, "%d objects could not be sent. They are where they were, and every run tries them again:\n\n", objects+omitted)
	}
	kinds, executions, listed := map[string]bool{}, map[string]bool{}, 0
	for _, id := range slices.Sorted(maps.Keys(failures)) {
		f := failures[id]
		kinds[f.Kind], executions[f.Execution] = true, true
		if listed++; f.Key != "" && listed > maxListed {
			continue
		}
		if f.Key == "" {
			fmt.Fprintf(&b, "The run %s failed: %s (%s)\n", f.Execution, f.Reason, f.Kind)
			if objects > 0 {
				b.WriteString("\n")
			}
			continue
		}
		fmt.Fprintf(&b, "  %s: %s (%s)\n", f.Key, f.Reason, f.Kind)
	}
	if more := len(failures) + omitted - maxListed; more > 0 {
		fmt.Fprintf(&b, "  … and %d more; see the reports\n", more)
	}
	b.WriteString("\nWhat to do:\n")
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		remedy, ok := sendfile.Remedies[errkind.Kind(kind)]
		if !ok {
			remedy = "It took too long, or the run ended first; the next run tries it again."
		}
		fmt.Fprintf(&b, "  %s: %s\n", kind, remedy)
	}
	b.WriteString("\nA failure that goes on is mailed again after a day. Reports:\n")
	for i, execution := range slices.Sorted(maps.Keys(executions)) {
		if i == 10 {
			b.WriteString("  …\n")
			break
		}
		fmt.Fprintf(&b, "  s3://%s/runs/%s/report.json\n", runsBucket, execution)
	}
	return Mail{Subject: subject, Message: b.String()}
}
