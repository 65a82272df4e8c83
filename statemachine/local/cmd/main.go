// Command local starts, shows and stops the laptop cloud, for targets of the
// Makefile.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/childproc"
)

// name is that of the cloud that `make up` starts; the demo and tests have others.
const name = "laptop"

func main() {
	childproc.ExitIfWatchdog()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	program := &cobra.Command{
		Use: "local", Short: "The laptop cloud: AWS, SFTPGo and the deployed stack on this machine",
		SilenceUsage: true, SilenceErrors: true, CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	program.AddCommand(
		withSystems(command("up", "Start it in the background, and print its addresses", up)),
		command("demo", "Show the workflow at work, in a cloud of its own", runDemo(local.SyncUsers)),
		command("demo-transfer", "Show it at work with AWS Transfer Family", runDemo(local.SyncTransferUsers)),
		command("demo-send", "Show files being sent to a partner's SFTP server", runDemo(local.SendFiles)),
		command("people", "Create the demo's users in the cloud that is up", createUsers),
		command("env", `Print the exports for shells: eval "$(local env)"`, env),
		command("down", "Stop it", down),
		withSystems(command(background, "Run it for `local up`", runInBackground)),
	)
	if err := program.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// chosenSystems are those to start.
var chosenSystems []string

func withSystems(command *cobra.Command) *cobra.Command {
	command.Flags().StringSliceVar(&chosenSystems, "systems", local.Systems(), "systems to start")
	return command
}

func command(name, short string, run func(ctx context.Context, root string, out io.Writer) error) *cobra.Command {
	return &cobra.Command{Use: name, Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		root, err := local.Root()
		if err != nil {
			return err
		}
		return run(cmd.Context(), root, os.Stdout)
	}}
}
