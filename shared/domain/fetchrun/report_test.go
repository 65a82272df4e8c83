package fetchrun

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A report lists what failed, however much there is besides.
func TestReportIsBounded(t *testing.T) {
	t.Parallel()
	var r Report
	for i := range maxResults + 10 {
		r.add(Result{Sync: "s", Path: fmt.Sprint(i), Outcome: Fetched, Size: 1})
	}
	r.add(Result{Sync: "s", Path: "last", Outcome: Failed})
	r.finish()
	assert.Len(t, r.Results, maxResults)
	assert.Equal(t, 11, r.Omitted)
	assert.True(t, slices.ContainsFunc(r.Results, func(r Result) bool { return r.Path == "last" }))
	assert.Equal(t, Totals{Fetched: maxResults + 10, Bytes: maxResults + 10, Failed: 1}, r.Totals)
}
