package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/runs"
	"github.com/digipres/sync-users/functions/cli/sync-files/history"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/shared/domain/sendrun"
)

// maxInput is the longest input of an execution that is taken, in bytes. Step Functions takes 256
// KiB (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html).
const maxInput = 250_000

func newRetryCommand(env *program.Environment) *cobra.Command {
	var noWait bool
	cmd := &cobra.Command{
		Use:   "retry [RUN]",
		Short: "Send again what failed in a run",
		Long: `Starts a run for the objects that failed in a run, and for nothing else, and follows it.
RUN is a name of ` + "`sync-files send status`" + `; without one it is the run that ended last,
and was no dry run. Of a run that failed as a whole, it is for all objects that it has not sent.

What failed stays where it was, so that every run for all objects tries it again too; this
is for trying it at once, when the cause is removed.`,
		Example: `  sync-files send retry
  sync-files send retry start-20261121T103000Z-jane-k3m9xq`,
		Args:              program.MaxArgs(1),
		RunE:              func(cmd *cobra.Command, args []string) error { return runRetry(cmd.Context(), env, args, noWait) },
		ValidArgsFunction: program.Complete(env, listRuns),
	}
	addNoWaitFlag(cmd, &noWait)
	addSendStackFlag(env, cmd)
	return cmd
}

func runRetry(ctx context.Context, env *program.Environment, names []string, noWait bool) error {
	d, err := env.RequireSendFiles(ctx)
	if err != nil {
		return err
	}
	report, err := findReport(ctx, env, historyOf(d), names, func(r history.Run) bool { return !r.DryRun })
	if err != nil {
		return err
	}
	if !report.Failed() {
		env.Console.Note(console.Text("Nothing failed in " + report.Execution + ", so there is nothing to send again."))
		return nil
	}
	keys, err := unsent(ctx, historyOf(d), report)
	if err != nil {
		return err
	}
	input := repeated(ctx, d.Executions, report.Execution)
	named := input.forKeys(keys)
	text, err := json.Marshal(named)
	switch {
	case err != nil:
		return err
	case len(keys) == 0:
		env.Console.Note(console.Text("The run " + report.Execution + " failed before it knew its objects, so this one is for all."))
	case len(text) > maxInput:
		env.Console.Note(console.Warning.Text(fmt.Sprintf("%s failed, too many to be named, so this run is for all.", console.Count(len(keys), "object"))))
	default:
		env.Console.Note(console.Text(fmt.Sprintf("Sending again %s of %s", console.Count(len(keys), "object"), report.Execution)))
		input = named
	}
	return start(ctx, env, d, input, noWait)
}

// repeated returns the input of a run without its objects; a plain one if it is not known any
// more, or was an event.
func repeated(ctx context.Context, executions runs.Executions, name string) request {
	var input request
	e, err := executions.Execution(ctx, name)
	if err != nil || json.Unmarshal([]byte(e.Input), &input) != nil {
		return request{}
	}
	return request{DryRun: input.DryRun, Resend: input.Resend}
}

// unsent returns the keys of the objects that a run should have sent and did not; none if it failed
// before it knew any.
func unsent(ctx context.Context, h history.History, report sendrun.Report) (keys []string, err error) {
	done := map[string]bool{}
	for _, r := range report.Results {
		if done[r.Key] = r.Outcome != sendfile.Failed; !done[r.Key] {
			keys = append(keys, r.Key)
		}
	}
	if report.Error == "" || len(report.Results) > 0 {
		return keys, nil
	}
	objects, err := h.Objects(ctx, report.Execution)
	if err != nil && !errors.Is(err, runs.ErrNoReport) {
		return nil, err
	}
	for _, object := range objects {
		keys = append(keys, object.Key)
	}
	return keys, nil
}
