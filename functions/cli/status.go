package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

func (a *app) statusCommand() *cobra.Command {
	var n int
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show the latest runs, one line each",
		Long: `Shows the latest runs of the deployed workflow, and the syncs from a command line,
the newest first: when, how long, how each ended, and how many people of which
outcome.`,
		Example: `  sync-users status
  sync-users status --limit 50 --output csv`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if n < 1 {
				return errkind.Errorf(errkind.InvalidInput, "--limit is %d; it must be 1 or more", n)
			}
			d, err := a.deployed(cmd.Context())
			if err != nil {
				return err
			}
			runs, err := d.past(cmd.Context(), n)
			if err != nil {
				return err
			}
			return a.console.Show(statusPage(runs))
		},
	}
	cmd.Flags().IntVarP(&n, "limit", "n", 10, "how many runs")
	a.stackFlag(cmd)
	return cmd
}

func statusPage(runs []past) console.Page {
	t := console.Table{Header: []string{"RUN", "STARTED", "TOOK", "STATUS", "USERS", "OUTCOMES"}}
	records := [][]string{{"run", "from", "status", "startedAt", "endedAt", "dryRun", "username", "done",
		"users", "updated", "unchanged", "revoked", "skipped", "failed", "error"}}
	for _, p := range runs {
		t.Rows = append(t.Rows, p.row())
		records = append(records, p.record())
	}
	page := console.Page{Tables: []console.Table{t}, Records: records, Value: runs}
	if len(runs) == 0 {
		page.Head, page.Value = []console.Text{console.Say("There was no run yet.")}, []past{}
	}
	return page
}

func (p past) row() []console.Cell {
	duration, users := "", ""
	if p.EndedAt != nil {
		duration = took(p.StartedAt, *p.EndedAt)
	}
	if p.Totals != nil {
		users = strconv.Itoa(p.Totals.Users)
	}
	return []console.Cell{
		{console.Say(p.Run)},
		{console.Say(p.StartedAt.Local().Format("2006-01-02 15:04"))},
		{console.Say(duration)},
		{{Tone: statusTone(p.Status), Text: strings.ReplaceAll(string(p.Status), "_", " ")}},
		{console.Say(users)},
		p.outcomes(),
	}
}

// outcomes are what became of people, and what else there is to say of the run.
func (p past) outcomes() console.Cell {
	var cell console.Cell
	say := func(tone console.Tone, text string) {
		if len(cell) > 0 {
			cell[len(cell)-1].Text += ","
		}
		cell = append(cell, console.Text{Tone: tone, Text: text})
	}
	if p.Totals != nil && p.EndedAt != nil {
		for _, c := range counts(*p.Totals) {
			if c.n > 0 {
				say(tones[c.outcome], fmt.Sprintf("%d %s", c.n, c.outcome))
			}
		}
	}
	if p.Totals != nil && p.EndedAt == nil {
		say(console.Notable, fmt.Sprintf("%d done", p.Done))
	}
	if p.Error != "" {
		say(console.Bad, p.Error)
	}
	if p.DryRun {
		say(console.Faint, "dry run")
	}
	if p.Username != "" {
		say(console.Faint, "only "+p.Username)
	}
	if p.From == fromCommandLine {
		say(console.Faint, "from a command line")
	}
	return cell
}

func (p past) record() []string {
	ended := ""
	if p.EndedAt != nil {
		ended = p.EndedAt.Format(time.RFC3339)
	}
	record := []string{
		p.Run, p.From, string(p.Status), p.StartedAt.Format(time.RFC3339), ended,
		strconv.FormatBool(p.DryRun), p.Username, strconv.Itoa(p.Done),
	}
	var numbers [6]string
	if p.Totals != nil {
		numbers[0] = strconv.Itoa(p.Totals.Users)
	}
	if p.Totals != nil && p.EndedAt != nil {
		for i, c := range counts(*p.Totals) {
			numbers[i+1] = strconv.Itoa(c.n)
		}
	}
	return append(append(record, numbers[:]...), p.Error)
}

func statusTone(s run.Status) console.Tone {
	switch s {
	case run.StatusSucceeded:
		return console.Good
	case run.StatusRunning, run.StatusPendingRedrive:
		return console.Notable
	}
	return console.Bad
}
