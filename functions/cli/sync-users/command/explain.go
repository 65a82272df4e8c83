package command

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/sync-users/view"
	"github.com/digipres/sync-users/shared/domain/explain"
)

func newExplainCommand(env *program.Environment) *cobra.Command {
	var stack string
	cmd := &cobra.Command{
		Use:   "explain USER",
		Short: "Explain why a user reaches what they reach",
		Long: `Follows one user from IAM to the account: the Email tag, which groups give
which stacks and which are ignored and why, the stacks' buckets, whether the keys
are in Parameter Store and the access key is active, and each path of the account
as it is and as it should be. USER is the name of an IAM user, or an Email tag.
Nothing is written, and no key is shown.`,
		Example: `  sync-users explain alice
  sync-users explain alice@example.org --output json
  sync-users explain alice --stack-name sync-transfer-users`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return program.UsageError(cmd, errors.New("the user to explain is missing: the name of an IAM user, or an Email tag"))
			}
			return program.MaxArgs(1)(cmd, args)
		},
		ValidArgsFunction: program.Complete(env, listUsernames),
		RunE:              func(cmd *cobra.Command, args []string) error { return runExplain(cmd.Context(), env, stack, args[0]) },
	}
	addServerFlags(env, cmd, &stack)
	return cmd
}

func runExplain(ctx context.Context, env *program.Environment, stack, user string) error {
	aws, server, err := connectBoth(ctx, env, stack)
	if err != nil {
		return err
	}
	explainer := explain.Explainer{
		Directory:  aws.Directory,
		Buckets:    aws.Buckets,
		AccessKeys: aws.AccessKeys,
		Server:     server.Users,
		Keys:       server.Keys,
	}
	explanation, err := retryCalls(ctx, env.Console, func() (explain.Explanation, error) { return explainer.Explain(ctx, user) })
	if err != nil {
		return err
	}
	return env.Console.Show(view.Explanation(explanation, server.Product))
}
