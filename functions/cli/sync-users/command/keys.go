package command

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/sync-users/view"
	"github.com/digipres/sync-users/shared/domain/access"
)

type keysOptions struct {
	*program.Environment
	user      string // empty for all users
	olderThan program.Since
	exact     bool
}

func newKeysCommand(env *program.Environment) *cobra.Command {
	opts := keysOptions{Environment: env}
	cmd := &cobra.Command{
		Use:   "keys [USER]",
		Short: "Show the age and last use of the access keys in use",
		Long: `Shows the access keys that SFTPGo's folders have, with their age, last use and status in
IAM: of all users, or of one. USER is the name of an IAM user, or an Email tag. Of a key
only the end of its id is shown, and no secret is read. Keys in folders of an
administrator's own are left out.

Age and last use are those of IAM's credential report, which AWS makes once in four hours
at most; it is waited for. The report has no ids: a user's only key is taken for the
one in use, and IAM is asked for the ids of those who have two or none. With --exact, and
for one user, it is asked for all, a call a user, which finds a key that was replaced in
IAM, and not in SFTPGo.

It needs iam:GetAccountAuthorizationDetails, iam:GenerateCredentialReport,
iam:GetCredentialReport and iam:ListAccessKeys, and manage_folders in SFTPGo.`,
		Example: `  sync-users keys
  sync-users keys --older-than 90d
  sync-users keys alice
  sync-users keys --exact --output csv > keys.csv`,
		Args: program.MaxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.user = append(args, "")[0]
			return runKeys(cmd.Context(), opts)
		},
		ValidArgsFunction: program.Complete(env, listUsernames),
	}
	program.AddSince(cmd, &opts.olderThan, "older-than", "", "only keys that were created before that")
	cmd.Flags().BoolVar(&opts.exact, "exact", false, "ask IAM for the ids of all users' keys")
	env.Flags.Server.SFTPGo.Add(cmd.Flags())
	return cmd
}

func runKeys(ctx context.Context, opts keysOptions) error {
	aws, server, err := connectBoth(ctx, opts.Environment, "")
	if err != nil {
		return err
	}
	reader := access.KeyReader{
		Directory: aws.Directory, Server: server.Accounts, Reporter: aws.CredentialReporter, AccessKeys: aws.AccessKeys,
	}
	keys, err := retryCalls(ctx, opts.Console, func() (access.Keys, error) { return reader.Read(ctx, opts.user, opts.exact) })
	if err != nil {
		return err
	}
	if !opts.olderThan.Time.IsZero() {
		keys = keys.OlderThan(opts.olderThan.Time)
	}
	return opts.Console.Show(view.Keys(keys))
}
