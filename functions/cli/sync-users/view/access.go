package view

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/shared/domain/access"
)

// accessWords are the words for a status: of one entry, and of all entries that have it.
var accessWords = map[access.Status]struct {
	tone         console.Tone
	entry, count string
}{
	access.InSync:     {console.Good, "as it should be", "as it should be"},
	access.Missing:    {console.Warning, "to be added", "to be added"},
	access.Extra:      {console.Bad, "to be removed", "to be removed"},
	access.Unmanaged:  {console.Faint, "an administrator's own", "mapped by an administrator"},
	access.NoEmailTag: {console.Warning, "no Email tag", "without an Email tag"},
}

// Who shows who reaches a bucket, given a reading of that bucket alone.
func Who(bucket string, reading access.Reading) console.Page {
	users := console.Table{Header: []string{"USER", "ACCOUNT", "GROUPS", "SHOULD", "IS", ""}}
	others := console.Table{Title: "Mapped by an administrator", Header: []string{"WHO", "FOLDER"}}
	for _, e := range reading.Entries {
		if e.Status == access.Unmanaged {
			others.Rows = append(others.Rows, []console.Cell{{console.Text(whoElse(e))}, {console.Text(e.Folder)}})
			continue
		}
		users.Rows = append(users.Rows, []console.Cell{
			{console.Text(cmp.Or(e.Username, "-"))}, {console.Text(cmp.Or(e.Account, "-"))}, {console.Text(cmp.Or(strings.Join(e.Groups, ", "), "-"))},
			{console.Text(yesOrNo(e.Should))}, {console.Text(yesOrNo(e.Is))}, accessStatus(e),
		})
	}
	page := console.Page{
		Head:   []console.Span{console.Bold.Text(bucket), console.Text("as read at " + reading.ReadAt.Local().Format(time.DateTime))},
		Tables: []console.Table{users, others},
		Foot:   accessCounts(reading.Entries),
		CSV:    accessCSV(reading),
		JSON:   reading,
	}
	if len(reading.Entries) == 0 {
		page.Foot = []console.Span{console.Text("Nobody reaches it, and nobody should.")}
	}
	return page
}

// whoElse names an account or a group of the server.
func whoElse(e access.Entry) string {
	switch {
	case e.ServerGroup != "":
		return "everybody in SFTPGo's group " + e.ServerGroup
	case e.Username != "":
		return e.Account + ", the account of " + e.Username
	}
	return e.Account
}

func accessStatus(e access.Entry) console.Cell {
	words := accessWords[e.Status]
	text := words.entry
	if e.Status == access.Extra && e.Username == "" {
		text += ": no IAM user has this Email tag"
	}
	if len(e.SharedWith) > 0 {
		text += "; the Email tag is also that of " + strings.Join(e.SharedWith, ", ")
	}
	return console.Cell{words.tone.Text(text)}
}

// accessCounts returns how many entries have which status.
func accessCounts(entries []access.Entry) (spans []console.Span) {
	counts := map[access.Status]int{}
	for _, e := range entries {
		counts[e.Status]++
	}
	for _, status := range access.Statuses {
		if n, words := counts[status], accessWords[status]; n > 0 {
			spans = append(spans, words.tone.Text(fmt.Sprintf("%d %s", n, words.count)))
		}
	}
	return withCommas(spans)
}

func accessCSV(reading access.Reading) [][]string {
	csv := [][]string{{"username", "account", "sharedWith", "serverGroup", "bucket", "groups", "should", "is", "status", "folder"}}
	for _, e := range reading.Entries {
		csv = append(csv, []string{
			e.Username, e.Account, strings.Join(e.SharedWith, " "), e.ServerGroup, e.Bucket, strings.Join(e.Groups, " "),
			strconv.FormatBool(e.Should), strconv.FormatBool(e.Is), string(e.Status), e.Folder,
		})
	}
	return csv
}

func yesOrNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}
