package view

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/digipres/sync-users/shared/domain/access"
	"github.com/digipres/sync-users/shared/domain/page"
)

// accessTags are the tags of rows by which the page's counts leave them, with what is
// counted and its tone.
var accessTags = []struct {
	tag, label string
	tone       page.Tone
	status     access.Status
}{
	{"missing", "lack what a group gives", page.Warning, access.Missing},
	{"extra", "reach what no group gives", page.Bad, access.Extra},
	{"unmanaged", "have an administrator's own", page.Faint, access.Unmanaged},
	{"no-email-tag", "have no Email tag", page.Warning, access.NoEmailTag},
}

// AccessPage returns the reading as a page that explains itself. The server is the SFTP
// server's address, and caller the ARN of who read it. The reading may have only what is
// not as it should be.
func AccessPage(reading access.Reading, server, caller string, onlyDifferences bool) page.Page {
	table := page.Table{
		Title: "Everybody", Header: []string{"IAM user", "Account", "Groups", "Reaches, as a group gives it", "Lacks, though a group gives it",
			"Reaches, though no group gives it", "Reaches by an administrator"},
		Note: "A row is an IAM user, an account that shows a bucket though no IAM user has its name as Email tag, or a group of the SFTP server. " +
			"Whoever reaches nothing, and should not, has none. " +
			"Buckets are those that the SFTP server shows as folders; what may be done in them is up to its permissions and to the policies of IAM.",
	}
	people := 0
	rows := map[string]int{} // by tag
	for _, entries := range reading.ByHolder() {
		row := accessRow(entries)
		if entries[0].Username != "" {
			people++
		}
		for _, tag := range row.Tags {
			rows[tag]++
		}
		table.Rows = append(table.Rows, row)
	}
	p := page.Page{
		Title: "Who reaches which buckets over SFTP",
		Facts: []page.Fact{
			{Name: "Read", Value: reading.ReadAt.UTC().Format("2006-01-02 15:04:05 MST")},
			{Name: "Read by", Value: caller},
			{Name: "SFTP server", Value: server},
			{Name: "IAM users", Value: strconv.Itoa(reading.Users) + ", of whom " + strconv.Itoa(people) + " have a row"},
		},
		Counts: []page.Count{{N: len(table.Rows), Label: "rows"}},
		Tables: []page.Table{table},
	}
	if onlyDifferences {
		p.Facts = append(p.Facts, page.Fact{Name: "Shown", Value: "only what is not as it should be"})
	}
	for _, t := range accessTags {
		if n := rows[t.tag]; n > 0 {
			p.Counts = append(p.Counts, page.Count{N: n, Label: t.label, Tag: t.tag, Tone: t.tone})
		}
	}
	return p
}

// accessRow returns the row of one user, account or group.
func accessRow(entries []access.Entry) page.Row {
	first := entries[0]
	byStatus := map[access.Status][]string{}
	var groups []string
	for _, e := range entries {
		byStatus[e.Status] = append(byStatus[e.Status], e.Bucket)
		groups = append(groups, e.Groups...)
	}
	slices.Sort(groups)
	user, account := page.Text(cmp.Or(first.Username, "none")), page.Text(cmp.Or(first.Account, "no Email tag"))
	switch {
	case first.ServerGroup != "":
		account = page.Text("everybody in SFTPGo's group " + first.ServerGroup)
	case len(first.SharedWith) > 0:
		account = page.Warning.Text(first.Account + ", also of " + strings.Join(first.SharedWith, ", "))
	}
	row := page.Row{Cells: []page.Cell{
		user, account, {List: slices.Compact(groups)},
		page.Good.List(byStatus[access.InSync]),
		page.Warning.List(slices.Concat(byStatus[access.Missing], byStatus[access.NoEmailTag])),
		page.Bad.List(byStatus[access.Extra]),
		page.Faint.List(byStatus[access.Unmanaged]),
	}}
	for _, t := range accessTags {
		if len(byStatus[t.status]) > 0 {
			row.Tags = append(row.Tags, t.tag)
		}
	}
	return row
}
