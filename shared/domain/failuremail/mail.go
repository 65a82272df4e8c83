package failuremail

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Mail is a mail about failures.
type Mail struct {
	Subject string `json:"subject"`
	Message string `json:"message"`
}

// Texts are what differs from system to system.
type Texts struct {
	// Installation is the name of the state machine, and RunsBucket where its reports are.
	Installation, RunsBucket string
	// One and Many are what a key names, as in "object" and "objects".
	One, Many string
	// Failed is what became of them, as in "could not be sent", and Stays what that means
	// for them, as a whole sentence without its full stop.
	Failed, Stays string
	// Remedies say what to do, by the kind of the error.
	Remedies map[errkind.Kind]string
}

// maxListed is the most failures that a mail lists. It keeps the text far below the limits
// of a workflow's state and of SNS, both 256 KiB.
const maxListed = 50

// mail returns the mail about failures, of which omitted more are not known.
func (t Texts) mail(failures map[string]Failure, omitted int) Mail {
	keys, runs := 0, 0
	for _, f := range failures {
		if f.Key == "" {
			runs++
		} else {
			keys++
		}
	}
	headline := fmt.Sprintf("%d %s %s", keys+omitted, t.Many, t.Failed)
	if keys+omitted == 1 {
		headline = fmt.Sprintf("1 %s %s", t.One, t.Failed)
	}
	subject := t.Installation + ": " + headline
	if keys == 0 {
		subject = t.Installation + ": the run failed"
	}
	var b strings.Builder
	if keys > 0 {
		fmt.Fprintf(&b, "%s. %s:\n\n", headline, t.Stays)
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
			if keys > 0 {
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
		fmt.Fprintf(&b, "  %s: %s\n", kind, Remedy(t.Remedies, kind))
	}
	b.WriteString("\nA failure that goes on is mailed again after a day. Reports:\n")
	for i, execution := range slices.Sorted(maps.Keys(executions)) {
		if i == 10 {
			b.WriteString("  …\n")
			break
		}
		fmt.Fprintf(&b, "  s3://%s/runs/%s/report.json\n", t.RunsBucket, execution)
	}
	return Mail{Subject: subject, Message: b.String()}
}

// Remedy returns what a person can do about an error of that name, which is a kind or an error
// of Step Functions or Lambda.
func Remedy(remedies map[errkind.Kind]string, name string) string {
	if remedy, ok := remedies[errkind.Kind(name)]; ok {
		return remedy
	}
	return "It took too long, or the run ended first; the next run tries it again."
}

// keyOf returns the key of an id.
func keyOf(id string) string {
	key, _, _ := strings.Cut(id, "\x00")
	return key
}
