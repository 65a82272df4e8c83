package view

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/shared/domain/access"
)

var keyStatuses = map[access.KeyStatus]console.Span{
	access.KeyActive:      console.Good.Text("active"),
	access.KeyInactive:    console.Bad.Text("inactive"),
	access.KeyOfOtherUser: console.Bad.Text("the IAM user has no such key"),
	access.KeyUnknown:     console.Warning.Text("no IAM user has this Email tag"),
}

// Keys shows the access keys in use.
func Keys(keys access.Keys) console.Page {
	t := console.Table{Header: []string{"USER", "ACCOUNT", "KEY", "AGE", "LAST USED", "STATUS"}}
	csv := [][]string{{"username", "account", "accessKey", "buckets", "status", "createdAt", "ageDays", "lastUsedAt", "lastUsedService", "identified"}}
	guessed := 0
	for _, k := range keys.Keys {
		if !k.Identified && k.Username != "" {
			guessed++
		}
		age := ""
		if k.AgeDays != nil {
			age = strconv.Itoa(*k.AgeDays)
		}
		t.Rows = append(t.Rows, []console.Cell{
			{console.Text(cmp.Or(k.Username, "-"))}, {console.Text(k.Account)}, {console.Text(k.AccessKey)},
			{console.Text(ageText(k))}, {console.Text(lastUse(k))}, {keyStatuses[k.Status]},
		})
		csv = append(csv, []string{
			k.Username, k.Account, k.AccessKey, strconv.Itoa(k.Buckets), string(k.Status), optionalTime(k.CreatedAt), age,
			optionalTime(k.LastUsedAt), k.LastUsedService, strconv.FormatBool(k.Identified),
		})
	}
	foot := []console.Span{console.Text(console.Count(len(keys.Keys), "key"))}
	if guessed > 0 {
		foot = append(foot, console.Faint.Text(fmt.Sprintf("(%d taken for the user's only one; --exact asks IAM for its id)", guessed)))
	}
	return console.Page{
		Head:   []console.Span{console.Bold.Text("Access keys in use,"), console.Text("as IAM reported at " + keys.ReportedAt.Local().Format(time.DateTime))},
		Tables: []console.Table{t},
		Foot:   foot,
		CSV:    csv,
		JSON:   keys,
	}
}

func ageText(k access.Key) string {
	if k.AgeDays == nil {
		return "-"
	}
	return console.Count(*k.AgeDays, "day")
}

// lastUse is when the key was used last, as far as its age tells that anything is known.
func lastUse(k access.Key) string {
	switch {
	case k.LastUsedAt != nil && k.LastUsedService != "":
		return fmt.Sprintf("%s, %s", k.LastUsedAt.Local().Format("2006-01-02 15:04"), k.LastUsedService)
	case k.LastUsedAt != nil:
		return k.LastUsedAt.Local().Format("2006-01-02 15:04")
	case k.CreatedAt == nil:
		return "-"
	}
	return "never"
}

func optionalTime(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Format(time.RFC3339)
}
