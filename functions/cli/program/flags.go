package program

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/hint"
)

// AddRootFlags adds the flags of every command.
func (e *Environment) AddRootFlags(root *cobra.Command) {
	var output, logLevel enumFlag
	var noColor bool
	flags := root.PersistentFlags()
	flags.StringVar(&e.Flags.Profile, "profile", "", "AWS profile (default $AWS_PROFILE)")
	flags.StringVar(&e.Flags.Region, "region", "", "AWS region (default $AWS_REGION, or the profile's)")
	output.add(root, "output", "o", "format of standard output",
		string(console.TableFormat), string(console.JSONFormat), string(console.CSVFormat))
	logLevel.add(root, "log-level", "", "least level to log on standard error", "error", "warn", "info", "debug")
	flags.BoolVar(&noColor, "no-color", false, "no colors on a terminal either (also $NO_COLOR)")
	root.PersistentPreRun = func(*cobra.Command, []string) {
		var level slog.Level
		_ = level.UnmarshalText([]byte(logLevel.value)) // The flag takes valid levels only.
		slog.SetDefault(slog.New(slog.NewTextHandler(e.Err, &slog.HandlerOptions{Level: level})))
		e.Console = console.New(e.In, e.Out, e.Err, console.Format(output.value), noColor)
		e.Connections = e.Connect(&e.Flags)
	}
}

// AddStackFlag adds the flag that names the CloudFormation stack.
func (e *Environment) AddStackFlag(cmd *cobra.Command, defaultName string) {
	cmd.Flags().StringVar(&e.Flags.CloudFormationStack, "stack-name", defaultName, "name of the deployed CloudFormation stack")
}

// enumFlag is a flag that takes one of a few values, which the shell completes.
type enumFlag struct {
	values []string
	value  string
}

// add adds the flag to a command and those below it. The first value is the default.
func (f *enumFlag) add(cmd *cobra.Command, name, shorthand, usage string, values ...string) {
	*f = enumFlag{values, values[0]}
	cmd.PersistentFlags().VarP(f, name, shorthand, usage)
	_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

func (f *enumFlag) String() string { return f.value }
func (f *enumFlag) Type() string   { return strings.Join(f.values, "|") }

func (f *enumFlag) Set(value string) error {
	if !slices.Contains(f.values, value) {
		return fmt.Errorf("it must be one of %s", strings.Join(f.values, ", "))
	}
	f.value = value
	return nil
}

// UsageError returns an error of the arguments with a hint at the command's help.
func UsageError(cmd *cobra.Command, err error) error {
	return hint.With(err, fmt.Sprintf("`%s --help` shows how it is used.", cmd.CommandPath()))
}

// MaxArgs is for commands that take up to n arguments; with 0, flags only.
func MaxArgs(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) <= n:
			return nil
		case cmd.HasSubCommands():
			return UsageError(cmd, fmt.Errorf("there is no command %q%s", args[0], suggestion(cmd, args[0])))
		}
		return UsageError(cmd, fmt.Errorf("unexpected argument %q", args[n]))
	}
}

func suggestion(cmd *cobra.Command, name string) string {
	cmd.SuggestionsMinimumDistance = 2 // cobra's own default
	if names := cmd.SuggestionsFor(name); len(names) > 0 {
		return "; did you mean " + strings.Join(names, " or ") + "?"
	}
	return ""
}
