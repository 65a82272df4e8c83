package console

import (
	"bytes"
	"encoding/csv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// No cell is a formula to a spreadsheet, and a program reads every other one as it was.
func TestCSVHasNoFormulas(t *testing.T) {
	t.Parallel()
	give := [][]string{
		{"user", "reason"},
		{`=HYPERLINK("http://evil.example","alice")`, "+1"},
		{"@SUM(1)", "-2"},
		{"\t=1", "\r=1"},
		{"a=b+c@x.org", `quoted ", with a comma and` + "\na line"},
		{"", "'kept"},
	}
	want := [][]string{
		{"user", "reason"},
		{`'=HYPERLINK("http://evil.example","alice")`, "'+1"},
		{"'@SUM(1)", "'-2"},
		{"'\t=1", "'\r=1"},
		{"a=b+c@x.org", `quoted ", with a comma and` + "\na line"},
		{"", "'kept"},
	}
	var out bytes.Buffer
	require.NoError(t, New(nil, &out, nil, CSVFormat, false).Show(Page{CSV: give}))
	got, err := csv.NewReader(&out).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, want, got)
}
