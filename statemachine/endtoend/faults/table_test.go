package faults

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// table has a row for each round.
type table []round

func (t table) String() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "seed\tround\tseconds\tfaults\truns\tlast run with faults\t%s\tfaults by kind\n", strings.Join(allViolations, "\t"))
	for _, r := range t {
		fmt.Fprintf(w, "%s\t%d\t%.0f\t%d\t%d\t%s", r.seed, r.number, r.took.Seconds(), len(r.faults), r.runs, r.outcome())
		for _, what := range allViolations {
			fmt.Fprintf(w, "\t%d", len(r.violations[what]))
		}
		fmt.Fprintf(w, "\t%s\n", r.countFaults())
	}
	_ = w.Flush()
	return text.String()
}
