package main

import (
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/console"
)

// flags are what every command takes, and the groups of flags that some do.
type flags struct {
	profile, region  string
	output, logLevel choice
	noColor          bool
	sftpgo           sftpgoFlags
	stack            string
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "sync-users",
		Short: "Carry IAM group membership over to SFTPGo",
		Long: `sync-users shows people the S3 buckets of their stacks over SFTP: whoever is in
the IAM group digipres-dev1-power-users reaches the buckets digipres-dev1-… through
their SFTPGo account. It does so from here, and drives and explains the workflow
that is deployed to do the same.

AWS credentials, region and profile are found as by every AWS tool. SFTPGo is
reached with SFTPGO_HOST, SFTPGO_USERNAME and SFTPGO_PASSWORD, or SFTPGO_API_KEY;
a value may be a reference to Parameter Store, such as ssm:/sftpgo/password. Where a
deployment has them, ACCESS_KEY_PREFIX, SECRET_KEY_PREFIX and SFTPGO_S3_ENDPOINT must
be the same here.

Exit codes: 0 for success, 1 for an error or a person who failed, 2 for a plan
with changes, 130 when interrupted.`,
		Example: `  sync-users check                 # can this work from here?
  sync-users plan                  # what would change?
  sync-users sync                  # change it
  sync-users explain alice         # why does alice have what she has?
  sync-users start --follow        # let the deployed workflow do it`,
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          noArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return a.begin()
		},
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return misuse(cmd, err) })
	a.globalFlags(root)
	root.AddCommand(
		a.planCommand(), a.syncCommand(), a.explainCommand(), a.checkCommand(),
		a.startCommand(), a.triggerCommand(), a.statusCommand(), a.reportCommand(), outputsTopic(),
	)
	return root
}

func (a *app) globalFlags(root *cobra.Command) {
	set := root.PersistentFlags()
	set.StringVar(&a.flags.profile, "profile", "", "AWS profile (default $AWS_PROFILE)")
	set.StringVar(&a.flags.region, "region", "", "AWS region (default $AWS_REGION, or the profile's)")
	choiceFlag(root, &a.flags.output, "output", "o", "what to print on standard output",
		string(console.TableFormat), string(console.JSONFormat), string(console.CSVFormat))
	choiceFlag(root, &a.flags.logLevel, "log-level", "", "least to log on standard error", "error", "warn", "info", "debug")
	set.BoolVar(&a.flags.noColor, "no-color", false, "no colours on a terminal either (also $NO_COLOR)")
}

// begin makes what the flags decide.
func (a *app) begin() error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(a.flags.logLevel.word)); err != nil {
		return err
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: level})))
	a.console = console.New(a.in, a.out, a.err, console.Options{
		Format: console.Format(a.flags.output.word), NoColor: a.flags.noColor,
	})
	a.connections = a.connect(&a.flags)
	return nil
}

// stackFlag is for commands that look for the deployed stack.
func (a *app) stackFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&a.flags.stack, "stack-name", "sync-users", "name of the deployed CloudFormation stack")
}
