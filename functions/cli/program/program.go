// Package program has what the command lines have in common: the flags of every
// command, exit codes, and the display of errors.
package program

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/shared/adapter/awscfn"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Exit is an error that ends a command with a code and no further message.
type Exit int

// The exit codes.
const (
	// Failure: the command, or the sync of some user, failed.
	Failure Exit = 1
	// Changes: a plan has some, as in `terraform plan -detailed-exitcode`.
	Changes Exit = 2
	// Interrupted is 128 and the number of SIGINT, as in a shell.
	Interrupted Exit = 130
)

func (e Exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// Environment is what the commands of a program work with.
type Environment struct {
	// Version is that of a release, else empty.
	Version  string
	In       io.Reader
	Out, Err io.Writer
	Flags    connect.Flags
	Connect  func(*connect.Flags) connect.Connections
	// Hints are for errors of a kind that have no hint of their own.
	Hints map[errkind.Kind]string

	// Console and Connections are as the flags say, once they are parsed.
	Console *console.Console
	connect.Connections
}

// Run executes the command of the arguments and returns the exit code. An error is
// one paragraph on standard error, and leaves standard output empty.
func Run(ctx context.Context, env *Environment, root *cobra.Command, args []string) int {
	root.Version = version(env.Version)
	root.SilenceUsage, root.SilenceErrors = true, true
	root.SetFlagErrorFunc(UsageError)
	root.SetArgs(args)
	root.SetIn(env.In)
	root.SetOut(env.Out)
	root.SetErr(env.Err)
	env.Console = console.New(env.In, env.Out, env.Err, console.TableFormat, false) // until the flags are parsed
	err := root.ExecuteContext(ctx)
	var exit Exit
	if err == nil || errors.As(err, &exit) {
		return int(exit)
	}
	if ctx.Err() != nil {
		during := unfinished{note: "; nothing was changed."}
		errors.As(err, &during)
		env.Console.Note(console.Text("Interrupted" + during.note))
		return int(Interrupted)
	}
	env.Console.Note(console.Bad.Text("Error:"), console.Text(env.describe(err)))
	return int(Failure)
}

func version(release string) string {
	if info, ok := debug.ReadBuildInfo(); ok && release == "" {
		release = info.Main.Version
	}
	return fmt.Sprintf("%s (%s, %s/%s)", cmp.Or(release, "(unknown)"), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// describe returns an error and its hint as one paragraph.
func (e *Environment) describe(err error) string {
	text := hint.OneLine(err)
	if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "?") {
		text += "."
	}
	return strings.TrimSpace(text + " " + cmp.Or(hint.Of(err), e.Hints[errkind.Of(err)]))
}

// RequireDeployment returns the deployment of sync-users, or an error with a hint if there is
// none.
func (e *Environment) RequireDeployment(ctx context.Context) (*connect.Deployment, error) {
	d, err := e.Deployment(ctx)
	return d, e.explainNoStack(err)
}

// RequireSendFiles returns the deployment of send-files, or an error with a hint if there is
// none.
func (e *Environment) RequireSendFiles(ctx context.Context) (*connect.SendFiles, error) {
	d, err := e.SendFiles(ctx)
	return d, e.explainNoStack(err)
}

func (e *Environment) explainNoStack(err error) error {
	if errors.Is(err, awscfn.ErrNoStack) {
		return hint.With(fmt.Errorf("no CloudFormation stack %q is deployed in this account and region", e.Flags.CloudFormationStack),
			"Check --profile and --region, name the CloudFormation stack with --stack-name, or deploy it with `cdk deploy`.")
	}
	return err
}
