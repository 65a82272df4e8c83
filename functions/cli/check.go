package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

func (a *app) checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Try whether all this can work from here",
		Long: `Tries everything that the other commands need, by reading: the AWS credentials and
permissions, SFTPGo and what its administrator may do, where the keys are, and the
deployed stack. Each line is ✓, or ✗ with what to do about it. Nothing is written.

The exit code is 1 when something failed. That no stack is deployed is no failure.`,
		Example: `  sync-users check
  sync-users check --profile production --output json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c := checkup{app: a}
			c.all(cmd.Context())
			if err := a.console.Show(c.page()); err != nil {
				return err
			}
			if c.failures() > 0 {
				return exit(failed)
			}
			return nil
		},
	}
	a.stackFlag(cmd)
	a.flags.sftpgo.add(cmd)
	return cmd
}

// checkup is one check of everything.
type checkup struct {
	app   *app
	lines []line
}

// try adds a line: what was found, or the error and what mends it.
func (c *checkup) try(section, item string, look func() (string, error), mend string) bool {
	detail, err := look()
	if err != nil {
		var known *problem
		if errors.As(err, &known) {
			mend = known.mend
		}
		c.lines = append(c.lines, line{section, item, wrong, oneLine(err), mend})
		return false
	}
	c.lines = append(c.lines, line{section, item, fine, detail, ""})
	return true
}

// may tries what needs permissions.
func (c *checkup) may(section, item string, look func() (string, error), permissions string) {
	var err error
	c.try(section, item, func() (detail string, _ error) {
		detail, err = look()
		return detail, err
	}, "")
	if last := &c.lines[len(c.lines)-1]; errkind.Of(err) == errkind.AccessDenied && last.Mark == wrong {
		last.Remedy = "Allow " + permissions + "."
	}
}

// skip adds a line for what was not tried.
func (c *checkup) skip(section, item, why string) {
	c.lines = append(c.lines, line{section, item, aside, why, ""})
}

func (c *checkup) failures() (n int) {
	for _, l := range c.lines {
		if l.Mark == wrong {
			n++
		}
	}
	return n
}

func (c *checkup) page() console.Page {
	foot := console.Text{Tone: console.Good, Text: "Everything that was tried works."}
	if n := c.failures(); n > 0 {
		foot = console.Text{Tone: console.Bad, Text: fmt.Sprintf("Not everything works: see the %d ✗.", n)}
	}
	return console.Page{Tables: lineTables(c.lines), Foot: []console.Text{foot}, Records: lineRecords(c.lines), Value: c.lines}
}

func (c *checkup) all(ctx context.Context) {
	account, err := c.app.account(ctx)
	whoAmI := func() (string, error) {
		if err != nil {
			return "", err
		}
		caller, err := account.whoAmI(ctx)
		return caller.ARN + " in " + account.region, err
	}
	if !c.try("AWS", "credentials", whoAmI, "Set AWS_PROFILE or --profile, or log in anew; set the region with AWS_REGION or --region.") {
		c.skip("SFTPGo", "server", "not tried without AWS credentials")
		c.skip("Deployment", "stack", "not tried without AWS credentials")
		return
	}
	c.server(ctx, c.memberships(ctx, account))
	c.deployed(ctx)
}
