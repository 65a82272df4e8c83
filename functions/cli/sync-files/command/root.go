// Package command has the commands of sync-files, one file each and all of one shape:
// newXCommand, which adds the flags, and runX, which does the work and shows a page of
// package view. report.go is a good example.
package command

import (
	"cmp"
	"context"
	_ "embed"
	"maps"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/runs"
	"github.com/digipres/sync-users/functions/cli/sync-files/history"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

// sendStackVariable is the environment variable that names the CloudFormation stack.
const sendStackVariable = "SEND_STACK_NAME"

// addSendStackFlag adds the flag that chooses the installation of send-files.
func addSendStackFlag(env *program.Environment, cmd *cobra.Command) {
	env.AddStackFlag(cmd, cmp.Or(os.Getenv(sendStackVariable), "send-files"))
}

//go:embed output.txt
var outputHelp string

// New returns the command sync-files, for program.Run.
func New(env *program.Environment) *cobra.Command {
	env.Hints = hints
	root := &cobra.Command{
		Use:   "sync-files",
		Short: "Send files from S3 to a partner's SFTP server, and fetch some from there",
		Long: `sync-files operates send-files, which sends what is uploaded under a prefix of a
bucket to a partner's SFTP server. It tells what a run would do, starts and follows runs,
shows what became of each object, and finds out why something does not work.

The installation is the CloudFormation stack send-files, or the one that --stack-name or
SEND_STACK_NAME names: there is one for each partner. What it sends, and where to, is
read from its functions.

AWS credentials, region and profile are found as by every AWS tool.

Exit codes: 0 for success, 1 for an error or an object that failed, 2 for a plan with
objects to send, 130 when interrupted.`,
		Example: `  sync-files check                 # does it work?
  sync-files check --host sftp.partner.example   # which host key does the server show?
  sync-files send status           # what waits, what went wrong?
  sync-files send plan             # what would be sent, and where to?
  sync-files send run              # send it now
  sync-files send report --open    # what became of each object?
  sync-files send retry            # send again what failed
  sync-files config check partner.json           # is this configuration of fetch-files right?`,
		Args: program.MaxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	env.AddRootFlags(root)
	root.AddCommand(newCheckCommand(env), newConfigCommand(env), newSendCommand(env),
		&cobra.Command{Use: "output", Short: "What --output json and csv print", Long: strings.TrimSpace(outputHelp)})
	return root
}

func newSendCommand(env *program.Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "send",
		Short: "Work with send-files: plan, run, status, report, retry",
		Long: `Works with a deployed send-files. Every upload under its prefix starts a run, and so
does its schedule; these commands are for looking, and for starting one by hand.`,
		Example: `  sync-files send plan
  sync-files send run --prefix outgoing/2026/
  sync-files send status`,
		Args: program.MaxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newPlanCommand(env), newRunCommand(env), newStatusCommand(env), newReportCommand(env), newRetryCommand(env))
	return cmd
}

var hints = func() map[errkind.Kind]string {
	hints := maps.Clone(sendfile.Remedies)
	// These are about a command, and not about an object.
	maps.Copy(hints, map[errkind.Kind]string{
		errkind.Throttled:     "Try again in a minute.",
		errkind.Unavailable:   "Check the network, and try again in a minute; `sync-files check` looks at each part.",
		errkind.AccessDenied:  "Check --profile; `sync-files check` says which permission is missing.",
		errkind.Misconfigured: "`sync-files check` looks at each part.",
		errkind.Unexpected:    "If that is no help, --log-level debug shows more.",
	})
	return hints
}()

// historyOf returns the runs of a deployment.
func historyOf(d *connect.SendFiles) history.History {
	return history.History{Executions: d.Executions, Records: d.Records, RunsBucket: d.RunsBucket}
}

// listRuns lists the names of the latest runs, or none if they can't be read.
func listRuns(ctx context.Context, c connect.Connections) (names []cobra.Completion) {
	d, err := c.SendFiles(ctx)
	if err != nil {
		return nil
	}
	latest, _, _ := historyOf(d).Latest(ctx, runs.RecentLimit)
	for _, r := range latest {
		names = append(names, r.Run)
	}
	return names
}
