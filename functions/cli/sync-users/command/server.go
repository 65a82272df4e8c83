package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/shared/adapter/awscfn"
)

// serverStackUsage is the usage of the flag --stack-name of commands that need a
// deployment only to find the SFTP server.
const serverStackUsage = "name of a deployed CloudFormation stack, to take the SFTP server from; only needed for AWS Transfer Family (default none)"

// addServerFlags adds the flags that say which SFTP server is meant. The name of a
// CloudFormation stack is for openServer.
func addServerFlags(env *program.Environment, cmd *cobra.Command, stack *string) {
	env.Flags.Server.Add(cmd.Flags())
	cmd.Flags().StringVar(stack, "stack-name", "", serverStackUsage)
}

// openServer connects to the SFTP server, of the CloudFormation stack unless its name is
// empty.
func openServer(ctx context.Context, env *program.Environment, stack string) (connect.Server, error) {
	server, err := env.Server(ctx, stack)
	if errors.Is(err, awscfn.ErrNoStack) {
		err = hint.With(fmt.Errorf("no CloudFormation stack %q is deployed in this account and region", stack),
			"Check --profile, --region and --stack-name, or name an AWS Transfer Family server with --transfer-server.")
	}
	return server, err
}
