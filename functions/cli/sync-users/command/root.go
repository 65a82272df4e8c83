// Package command has the commands of sync-users, one file each and all of one
// shape: newXCommand, which adds the flags, and runX, which does the work and shows
// a page of package view. plan.go is a good example.
package command

import (
	_ "embed"
	"maps"
	"strings"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

// stackName is that of the CloudFormation stack by default.
const stackName = "sync-users"

//go:embed output.txt
var outputHelp string

// New returns the command sync-users, for program.Run. When the context ends, a sync
// finishes the users that it has started, and starts no other.
func New(env *program.Environment) *cobra.Command {
	env.Hints = hints
	root := &cobra.Command{
		Use:   "sync-users",
		Short: "Sync IAM group membership to an SFTP server",
		Long: `sync-users shows IAM users the S3 buckets of their stacks over SFTP: a member of the
IAM group digipres-dev1-power-users reaches the buckets digipres-dev1-… through
their account on an SFTPGo or AWS Transfer Family server. It does so from here, and
operates and explains the workflow that is deployed to do the same.

AWS credentials, region and profile are found as by every AWS tool. SFTPGo is
reached with SFTPGO_HOST, SFTPGO_USERNAME and SFTPGO_PASSWORD, or SFTPGO_API_KEY;
a value may be a reference to Parameter Store, such as ssm:/sftpgo/password. Where a
deployment has them, ACCESS_KEY_PREFIX, SECRET_KEY_PREFIX, SFTPGO_S3_ENDPOINT and
ACCOUNT_TAG must be the same here.

An AWS Transfer Family server is named with --transfer-server s-…, or is that of the
deployment with --stack-name sync-transfer-users; SESSION_POLICY=false leaves to roles
what its users may do, as a deployment's setting does.

Exit codes: 0 for success, 1 for an error or a user who failed, 2 for a plan
with changes, 130 when interrupted.`,
		Example: `  sync-users check                 # can this work from here?
  sync-users plan                  # what would change?
  sync-users sync                  # change it
  sync-users explain alice         # why does alice have what she has?
  sync-users access                # who reaches what?
  sync-users history               # who gained and lost access?
  sync-users start --follow        # let the deployed workflow do it`,
		Args: program.MaxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	env.AddRootFlags(root)
	root.AddCommand(
		newPlanCommand(env), newSyncCommand(env), newExplainCommand(env), newWhoCommand(env), newAccessCommand(env), newHistoryCommand(env), newKeysCommand(env), newCheckCommand(env),
		newStartCommand(env), newTriggerCommand(env), newStatusCommand(env), newReportCommand(env),
		&cobra.Command{Use: "output", Short: "What --output json and csv print", Long: strings.TrimSpace(outputHelp)},
	)
	return root
}

var hints = func() map[errkind.Kind]string {
	hints := maps.Clone(run.Remedies)
	// These are about a command, and not about a run.
	maps.Copy(hints, map[errkind.Kind]string{
		errkind.Throttled:         "Try again in a minute; with a lower --concurrency, if it is a sync.",
		errkind.IncompleteReading: "Check that --profile and --region lead to the right account.",
		errkind.Unexpected:        "If that is no help, --log-level debug shows more.",
	})
	return hints
}()
