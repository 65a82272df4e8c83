package command

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/sync-users/view"
	"github.com/digipres/sync-users/shared/domain/access"
)

func newAccessCommand(env *program.Environment) *cobra.Command {
	var onlyDifferences bool
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
look at keys and their IAM policies, nor at the home directories of accounts.`,
		Example: `  sync-users access
  sync-users access --differences
  sync-users access --output csv > access.csv
  sync-users access --output json | jq '.entries[] | select(.status == "extra")'`,
		Args: program.MaxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runAccess(cmd.Context(), env, onlyDifferences) },
	}
	cmd.Flags().BoolVar(&onlyDifferences, "differences", false, "only what is not as it should be")
	env.Flags.SFTPGo.Add(cmd.Flags())
	return cmd
}

func runAccess(ctx context.Context, env *program.Environment, onlyDifferences bool) error {
	reading, err := readAccess(ctx, env)
	if err != nil {
		return err
	}
	if onlyDifferences {
		reading.Entries = slices.DeleteFunc(reading.Entries, func(e access.Entry) bool { return e.Status == access.InSync })
	}
	return env.Console.Show(view.Access(reading))
}
