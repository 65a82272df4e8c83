package command

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/browser"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/sync-users/view"
	"github.com/digipres/sync-users/shared/domain/access"
)

func newAccessCommand(env *program.Environment) *cobra.Command {
	opts := accessOptions{Environment: env}
	cmd := &cobra.Command{
		Use:   "access",
		Short: "Show who reaches which buckets",
		Long: `Shows for everybody which buckets they reach over SFTP, and which they should: a line
for each IAM user, for each account that shows a bucket though no IAM user has its name
as Email tag, and for each SFTPGo group for which an administrator mapped one. Buckets
to be added are marked +, those to be removed -, an administrator's own *, and those
of groups of an IAM user without an Email tag ?. Nothing is written.

It reads the lists of IAM users, of buckets, and of SFTPGo's folders, for which the
administrator needs manage_folders: some seconds for thousands of people. It does not
look at keys and their IAM policies, nor at the home directories of accounts.

With --html, it writes a page for an auditor instead, who needs nothing but a browser:
it can be filtered, sorted and printed, and loads nothing from anywhere.`,
		Example: `  sync-users access
  sync-users access --differences
  sync-users access --html access.html
  sync-users access --output csv > access.csv
  sync-users access --output json | jq '.entries[] | select(.status == "extra")'`,
		Args: program.MaxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runAccess(cmd.Context(), opts) },
	}
	cmd.Flags().BoolVar(&opts.onlyDifferences, "differences", false, "only what is not as it should be")
	cmd.Flags().StringVar(&opts.html, "html", "", "the file to write a page for a browser to")
	_ = cmd.MarkFlagFilename("html", "html")
	addServerFlags(env, cmd, &opts.stack)
	return cmd
}

type accessOptions struct {
	*program.Environment
	onlyDifferences bool
	stack           string // see openServer
	html            string // a file's name; empty to show a table, JSON or CSV
}

func runAccess(ctx context.Context, opts accessOptions) error {
	aws, server, err := connectBoth(ctx, opts.Environment, opts.stack)
	if err != nil {
		return err
	}
	reading, err := readAccess(ctx, opts.Console, aws, server)
	if err != nil {
		return err
	}
	if opts.onlyDifferences {
		reading.Entries = slices.DeleteFunc(reading.Entries, func(e access.Entry) bool { return e.Status == access.InSync })
	}
	if opts.html == "" {
		return opts.Console.Show(view.Access(reading))
	}
	caller, err := aws.CallerARN(ctx)
	if err != nil {
		return err
	}
	return browser.WritePage(opts.Console, opts.html, view.AccessPage(reading, server.Address, caller, opts.onlyDifferences))
}
