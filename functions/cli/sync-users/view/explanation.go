package view

import (
	"strings"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/finding"
	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/explain"
)

const (
	iamSection     = "IAM"
	bucketsSection = "Buckets"
	keysSection    = "Keys"
	accountSection = "SFTPGo account"
)

// Explanation shows why a user reaches what they reach.
func Explanation(e explain.Explanation) console.Page {
	var findings finding.List
	addIAM(&findings, e)
	addBuckets(&findings, e.Stacks)
	addKeys(&findings, e.Keys)
	if !e.Account.Exists {
		findings.Fail(accountSection, "account", "there is none", "An administrator creates it, with the Email tag as its username.")
	}
	tables := findings.Tables()
	if e.Account.Exists {
		tables = append(tables, pathTable(e.Account.Paths))
	}
	addPaths(&findings, e.Account.Paths)
	return console.Page{
		Head:   []console.Span{console.Bold.Text(e.Username), console.Text(e.Email)},
		Tables: tables,
		Foot:   []console.Span{console.Text("A sync now:"), Outcome(e.Sync.Outcome, ""), console.Text("- " + e.Sync.Reason)},
		CSV:    findings.CSV(),
		JSON:   e,
	}
}

func addIAM(l *finding.List, e explain.Explanation) {
	switch {
	case e.Email == "":
		l.Fail(iamSection, "Email tag", "there is none, or it is blank", "Set it to the username of the SFTPGo account.")
	case len(e.SharedWith) > 0:
		l.Fail(iamSection, "Email tag", e.Email+" is also that of "+strings.Join(e.SharedWith, ", "),
			"One account can follow only one IAM user: change or remove one of the tags.")
	default:
		l.OK(iamSection, "Email tag", e.Email)
	}
	for _, g := range e.Groups {
		if g.Ignored != "" {
			l.Skip(iamSection, "group "+g.Name, "ignored: "+g.Ignored, "")
		} else {
			l.OK(iamSection, "group "+g.Name, "gives the stack "+g.Stack)
		}
	}
	if len(e.Stacks) == 0 {
		l.Fail(iamSection, "stack groups", "there is none", "Put the IAM user into a group <org>-<env>-<role>.")
	}
}

func addBuckets(l *finding.List, stacks []explain.Stack) {
	for _, s := range stacks {
		for _, b := range s.Buckets {
			detail := "in " + b.Region
			if allowed := account.BucketPermissions(b.Name); allowed[0] != "*" {
				detail += ", " + strings.Join(allowed, " and ") + " only"
			}
			l.OK(bucketsSection, b.Name, detail)
		}
		for _, name := range s.Replicas {
			l.Skip(bucketsSection, name, "ignored: a replication copy", "")
		}
		if len(s.Buckets) == 0 {
			l.Fail(bucketsSection, s.Name+"-…", "the stack has no bucket; what the account has of it stays",
				"Check the name of the group and of the buckets.")
		}
	}
}

func addKeys(l *finding.List, keys explain.Keys) {
	if !keys.Stored {
		l.Fail(keysSection, "Parameter Store", keys.Problem, "Put both keys of the IAM user there.")
		return
	}
	l.OK(keysSection, "Parameter Store", "both keys are there")
	switch keys.Status {
	case explain.KeyActive:
		l.OK(keysSection, "access key", keys.AccessKey+" is active")
	case explain.KeyInactive:
		l.Fail(keysSection, "access key", keys.AccessKey+" is inactive", "Activate it, or put another into Parameter Store.")
	case explain.KeyOfOtherUser:
		l.Fail(keysSection, "access key", "the IAM user has no such access key",
			"Put the keys of an active access key of the IAM user into Parameter Store.")
	default:
		l.Skip(keysSection, "access key", "IAM was not asked: "+keys.StatusProblem, "This needs iam:ListAccessKeys.")
	}
}

// pathStatuses are the statuses of a path as the table has them.
var pathStatuses = map[account.PathStatus]console.Span{
	account.InSync:            console.Good.Text("as it should be"),
	account.Missing:           console.Warning.Text("to be added"),
	account.Extra:             console.Warning.Text("to be removed"),
	account.KeyDiffers:        console.Warning.Text("has another access key"),
	account.SettingsDiffer:    console.Warning.Text("has other settings"),
	account.PermissionsDiffer: console.Warning.Text("has other permissions"),
	account.Unmanaged:         console.Faint.Text("an administrator's own"),
}

func pathTable(paths []explain.Path) console.Table {
	t := console.Table{Title: accountSection, Header: []string{"PATH", "IS", "SHOULD BE", "KEY", ""}}
	for _, p := range paths {
		t.Rows = append(t.Rows, []console.Cell{
			{console.Text(p.Path)}, {console.Text(permissions(p.Actual))}, {console.Text(permissions(p.Expected))},
			{console.Text(p.AccessKey)}, {pathStatuses[p.Status]},
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

// addPaths adds the paths as CSV has them, with their status as an identifier.
func addPaths(l *finding.List, paths []explain.Path) {
	for _, p := range paths {
		switch p.Status {
		case account.InSync:
			l.OK(accountSection, p.Path, string(p.Status))
		case account.Unmanaged:
			l.Skip(accountSection, p.Path, string(p.Status), "")
		default:
			l.Fail(accountSection, p.Path, string(p.Status), "")
		}
	}
}
