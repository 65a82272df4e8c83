package main

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/explain"
)

func (a *app) explainCommand() *cobra.Command {
	var p people
	cmd := &cobra.Command{
		Use:   "explain USER",
		Short: "Explain why a person reaches what they reach",
		Long: `Follows one person from the IAM user to the SFTPGo account: the Email tag, which
groups give which stacks and which are ignored and why, the stacks' buckets,
whether the keys are in Parameter Store and the access key is active, and each
path of the account as it is and as it should be. USER is the name of an IAM
user, or an Email tag. Nothing is written, and no key is shown.`,
		Example: `  sync-users explain alice
  sync-users explain alice@example.org --output json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return misuse(cmd, errors.New("whom to explain is missing: the name of an IAM user, or an Email tag"))
			}
			return atMost(1)(cmd, args)
		},
		ValidArgsFunction: a.completeUsername,
		RunE: func(cmd *cobra.Command, args []string) error {
			p.username, p.concurrency = args[0], 1
			return a.explain(cmd.Context(), p)
		},
	}
	a.flags.sftpgo.add(cmd)
	return cmd
}

func (a *app) explain(ctx context.Context, p people) error {
	account, server, err := a.open(ctx, p)
	if err != nil {
		return err
	}
	e, err := explain.Explainer{
		Directory:  account.directory,
		Buckets:    account.buckets,
		AccessKeys: account.accessKeys,
		Syncer:     server.syncer,
	}.Explain(ctx, p.username)
	if err != nil {
		return err
	}
	return a.console.Show(explanationPage(e))
}

func explanationPage(e explain.Explanation) console.Page {
	lines := append(iamLines(e), stackLines(e)...)
	lines = append(lines, keyLines(e)...)
	if !e.Account.Exists {
		lines = append(lines, line{"SFTPGo account", "account", wrong, "there is none",
			"An administrator makes it, with the Email tag as its username."})
	}
	tables := lineTables(lines)
	if e.Account.Exists {
		tables = append(tables, pathTable(e))
	}
	records := lineRecords(lines)
	for _, p := range e.Account.Paths {
		m := wrong
		if p.Status == account.InSync {
			m = fine
		} else if p.Status == account.Unmanaged {
			m = aside
		}
		records = append(records, []string{"SFTPGo account", p.Path, string(m), string(p.Status), ""})
	}
	return console.Page{
		Head:    []console.Text{{Tone: console.Strong, Text: e.Username}, console.Say(e.Email)},
		Tables:  tables,
		Foot:    []console.Text{console.Say("A sync now:"), {Tone: tones[e.Sync.Outcome], Text: string(e.Sync.Outcome)}, console.Say("- " + e.Sync.Reason)},
		Records: records,
		Value:   e,
	}
}

func iamLines(e explain.Explanation) []line {
	const section = "IAM"
	tag := line{section, "Email tag", fine, e.Email, ""}
	switch {
	case e.Email == "":
		tag = line{section, "Email tag", wrong, "there is none, or it is blank", "Set it to the username of the SFTPGo account."}
	case len(e.SharedWith) > 0:
		tag = line{section, "Email tag", wrong, e.Email + " is also that of " + strings.Join(e.SharedWith, ", "),
			"One account can follow only one IAM user: change or remove one of the tags."}
	}
	lines := []line{tag}
	for _, g := range e.Groups {
		if g.Ignored != "" {
			lines = append(lines, line{section, "group " + g.Name, aside, "ignored: " + g.Ignored, ""})
		} else {
			lines = append(lines, line{section, "group " + g.Name, fine, "gives the stack " + g.Stack, ""})
		}
	}
	if len(e.Stacks) == 0 {
		lines = append(lines, line{section, "stack groups", wrong, "there is none", "Put the IAM user into a group <org>-<env>-<role>."})
	}
	return lines
}

func stackLines(e explain.Explanation) []line {
	const section = "Buckets"
	var lines []line
	for _, s := range e.Stacks {
		for _, b := range s.Buckets {
			detail := "in " + b.Region
			if may := account.BucketPermissions(b.Name); may[0] != "*" {
				detail += ", " + strings.Join(may, " and ") + " only"
			}
			lines = append(lines, line{section, b.Name, fine, detail, ""})
		}
		for _, name := range s.Replicas {
			lines = append(lines, line{section, name, aside, "ignored: a replication copy", ""})
		}
		if len(s.Buckets) == 0 {
			lines = append(lines, line{section, s.Name + "-…", wrong, "the stack has no bucket; what the account has of it stays", "Check the name of the group and of the buckets."})
		}
	}
	return lines
}

func keyLines(e explain.Explanation) []line {
	const section = "Keys"
	if !e.Keys.Stored {
		return []line{{section, "Parameter Store", wrong, e.Keys.Problem, "Put both keys of the IAM user there."}}
	}
	lines := []line{{section, "Parameter Store", fine, "both keys are there", ""}}
	const rotate = "Put the keys of an active access key of theirs into Parameter Store."
	switch e.Keys.Status {
	case explain.KeyActive:
		return append(lines, line{section, "access key", fine, e.Keys.AccessKey + " is active", ""})
	case explain.KeyInactive:
		return append(lines, line{section, "access key", wrong, e.Keys.AccessKey + " is inactive", "Activate it, or put another into Parameter Store."})
	case explain.KeyOfOtherUser:
		return append(lines, line{section, "access key", wrong, "the IAM user has no such access key", rotate})
	}
	return append(lines, line{section, "access key", aside, "IAM was not asked: " + e.Keys.StatusProblem, "This needs iam:ListAccessKeys."})
}

func pathTable(e explain.Explanation) console.Table {
	t := console.Table{Title: "SFTPGo account", Header: []string{"PATH", "IS", "SHOULD BE", "KEY", ""}}
	for _, p := range e.Account.Paths {
		tone := console.Notable
		switch p.Status {
		case account.InSync:
			tone = console.Good
		case account.Unmanaged:
			tone = console.Faint
		}
		t.Rows = append(t.Rows, []console.Cell{
			{console.Say(p.Path)}, {console.Say(permissions(p.Actual))}, {console.Say(permissions(p.Expected))},
			{console.Say(p.AccessKey)}, {{Tone: tone, Text: string(p.Status)}},
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
