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
// The mark precedes a bucket in the table of everybody.
var accessWords = map[access.Status]struct {
	tone               console.Tone
	mark, entry, count string
}{
	access.InSync:     {console.Tone{}, "", "as it should be", "as it should be"},
	access.Missing:    {console.Good, "+", "to be added", "to be added"},
	access.Extra:      {console.Bad, "-", "to be removed", "to be removed"},
	access.Unmanaged:  {console.Faint, "*", "an administrator's own", "mapped by an administrator"},
	access.NoEmailTag: {console.Warning, "?", "no Email tag", "without an Email tag"},
}

// Access shows who reaches what, one line each.
func Access(reading access.Reading) console.Page {
	t := console.Table{Header: []string{"USER", "ACCOUNT", "BUCKETS"}}
	users := 0
	for _, entries := range reading.ByHolder() {
		if entries[0].Username != "" {
			users++
		}
		var buckets console.Cell
		for _, e := range entries {
			words := accessWords[e.Status]
			buckets = append(buckets, words.tone.Text(words.mark+e.Bucket))
		}
		t.Rows = append(t.Rows, []console.Cell{{console.Text(cmp.Or(entries[0].Username, "-"))}, accountCell(entries[0]), buckets})
	}
	foot := accessCounts(reading.Entries, true)
	if others := reading.Users - users; others > 0 {
		foot = append(foot, console.Faint.Text(fmt.Sprintf("(%s not shown)", console.Count(others, "IAM user"))))
	}
	return console.Page{
		Head:   []console.Span{console.Bold.Text("Who reaches what"), asReadAt(reading)},
		Tables: []console.Table{t},
		Foot:   foot,
		CSV:    accessCSV(reading),
		JSON:   reading,
	}
}

func accountCell(e access.Entry) console.Cell {
	switch {
	case e.ServerGroup != "":
		return console.Cell{console.Text("group " + e.ServerGroup)}
	case len(e.SharedWith) > 0:
		return console.Cell{console.Text(e.Account), console.Warning.Text("also of " + strings.Join(e.SharedWith, ", "))}
	}
	return console.Cell{console.Text(cmp.Or(e.Account, "-"))}
}

func asReadAt(reading access.Reading) console.Span {
	return console.Text("as read at " + reading.ReadAt.Local().Format(time.DateTime))
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
		Head:   []console.Span{console.Bold.Text(bucket), asReadAt(reading)},
		Tables: []console.Table{users, others},
		Foot:   accessCounts(reading.Entries, false),
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

// accessCounts returns how many entries have which status, and with which mark.
func accessCounts(entries []access.Entry, withMarks bool) (spans []console.Span) {
	counts := map[access.Status]int{}
	for _, e := range entries {
		counts[e.Status]++
	}
	for _, status := range access.Statuses {
		if n, words := counts[status], accessWords[status]; n > 0 {
			text := fmt.Sprintf("%d %s", n, words.count)
			if withMarks && words.mark != "" {
				text += " (" + words.mark + ")"
			}
			spans = append(spans, words.tone.Text(text))
		}
	}
	return console.Commas(spans)
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
