package view

import (
	"strings"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/finding"
	"github.com/digipres/sync-users/shared/domain/access"
	"github.com/digipres/sync-users/shared/domain/explain"
	"github.com/digipres/sync-users/shared/domain/syncuser"
)

// Explanation shows why a user reaches what they reach on a server of that product.
func Explanation(e explain.Explanation, product string) console.Page {
	accountTitle := product + " account"
	var l finding.List
	addIAM(&l, e, accountTitle)
	addBuckets(&l, e.Stacks)
	if !e.Keys.NotNeeded {
		addKeys(&l, e.Keys)
	}
	l.Section(accountTitle)
	if !e.Account.Exists {
		l.Add("account", finding.Failed, "there is none", "An administrator creates it, with the Email tag as its username.")
	}
	tables := append(l.Tables(), pathTable(accountTitle, e.Account.Paths))
	for _, p := range e.Account.Paths {
		l.Add(p.Path, pathStatuses[p.Status].finding, string(p.Status), "")
	}
	return console.Page{
		Head:   []console.Span{console.Bold.Text(e.Username), console.Text(e.Email)},
		Tables: tables,
		Foot:   []console.Span{console.Text("A sync now:"), Outcome(e.Sync.Outcome, ""), console.Text("- " + e.Sync.Reason)},
		CSV:    l.CSV(),
		JSON:   e,
	}
}

func addIAM(l *finding.List, e explain.Explanation, account string) {
	l.Section("IAM")
	switch {
	case e.Email == "":
		l.Add("Email tag", finding.Failed, "there is none, or it is blank", "Set it to the username of the "+account+".")
	case len(e.SharedWith) > 0:
		l.Add("Email tag", finding.Failed, e.Email+" is also that of "+strings.Join(e.SharedWith, ", "),
			"One account can follow only one IAM user: change or remove one of the tags.")
	default:
		l.Add("Email tag", finding.OK, e.Email, "")
	}
	for _, g := range e.Groups {
		if g.Ignored != "" {
			l.Add("group "+g.Name, finding.Skipped, "ignored: "+g.Ignored, "")
		} else {
			l.Add("group "+g.Name, finding.OK, "gives the stack "+g.Stack, "")
		}
	}
	if len(e.Stacks) == 0 {
		l.Add("stack groups", finding.Failed, "there is none", "Put the IAM user into a group <org>-<env>-<role>.")
	}
}

func addBuckets(l *finding.List, stacks []explain.Stack) {
	l.Section("Buckets")
	for _, s := range stacks {
		for _, b := range s.Buckets {
			detail := "in " + b.Region
			if allowed := syncuser.BucketPermissions(b.Name); allowed[0] != "*" {
				detail += ", " + strings.Join(allowed, " and ") + " only"
			}
			l.Add(b.Name, finding.OK, detail, "")
		}
		for _, name := range s.Replicas {
			l.Add(name, finding.Skipped, "ignored: a replication copy", "")
		}
		if len(s.Buckets) == 0 {
			l.Add(s.Name+"-…", finding.Failed, "the stack has no bucket; what the account has of it stays",
				"Check the name of the group and of the buckets.")
		}
	}
}

func addKeys(l *finding.List, keys explain.Keys) {
	l.Section("Keys")
	if !keys.Stored {
		l.Add("Parameter Store", finding.Failed, keys.Problem, "Put both keys of the IAM user there.")
		return
	}
	l.Add("Parameter Store", finding.OK, "both keys are there", "")
	switch keys.Status {
	case access.KeyActive:
		l.Add("access key", finding.OK, keys.AccessKey+" is active", "")
	case access.KeyInactive:
		l.Add("access key", finding.Failed, keys.AccessKey+" is inactive", "Activate it, or put another into Parameter Store.")
	case access.KeyOfOtherUser:
		l.Add("access key", finding.Failed, "the IAM user has no such access key",
			"Put the keys of an active access key of the IAM user into Parameter Store.")
	default:
		l.Add("access key", finding.Skipped, "IAM was not asked: "+keys.StatusProblem, "This needs iam:ListAccessKeys.")
	}
}

// pathStatuses are the statuses of a path in a table, and as findings.
var pathStatuses = map[syncuser.PathStatus]struct {
	table   console.Span
	finding finding.Status
}{
	syncuser.InSync:            {console.Good.Text("as it should be"), finding.OK},
	syncuser.Missing:           {console.Warning.Text("to be added"), finding.Failed},
	syncuser.Extra:             {console.Warning.Text("to be removed"), finding.Failed},
	syncuser.KeyDiffers:        {console.Warning.Text("has another access key"), finding.Failed},
	syncuser.SettingsDiffer:    {console.Warning.Text("has other settings"), finding.Failed},
	syncuser.PermissionsDiffer: {console.Warning.Text("has other permissions"), finding.Failed},
	syncuser.Unmanaged:         {console.Faint.Text("an administrator's own"), finding.Skipped},
}

func pathTable(title string, paths []explain.Path) console.Table {
	t := console.Table{Title: title, Header: []string{"PATH", "IS", "SHOULD BE", "KEY", ""}}
	for _, p := range paths {
		t.Rows = append(t.Rows, []console.Cell{
			{console.Text(p.Path)}, {console.Text(permissions(p.Actual))}, {console.Text(permissions(p.Expected))},
			{console.Text(p.AccessKey)}, {pathStatuses[p.Status].table},
		})
	}
	return t
}

func permissions(names []string) string {
	switch {
	case len(names) == 0:
		return "-"
	case len(names) == 1 && names[0] == "*":
		return "everything"
	}
	return strings.Join(names, ", ")
}
