package command

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/sync-files/view"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/sendrun"
)

func newStatusCommand(env *program.Environment) *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show what waits to be sent, the latest runs, and raised alarms",
		Long: `Shows how many objects wait to be sent, and since when the oldest; the latest runs, the
newest first, with how many objects of which outcome; and the alarms that are raised.

Runs that had nothing to send, or left it to another one, are only counted: each upload
starts a run, and few of them are needed.`,
		Example: `  sync-files send status
  sync-files send status --limit 50 --output csv
  sync-files send status --output json | jq .waiting`,
		Args: program.MaxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runStatus(cmd.Context(), env, limit) },
	}
	cmd.Flags().IntVarP(&limit, "limit", "n", 10, "how many runs")
	addSendStackFlag(env, cmd)
	return cmd
}

func runStatus(ctx context.Context, env *program.Environment, limit int) error {
	if limit < 1 {
		return errkind.Errorf(errkind.InvalidInput, "--limit is %d; it must be 1 or more", limit)
	}
	d, err := env.RequireSendFiles(ctx)
	if err != nil {
		return err
	}
	var status view.Status
	work, workCtx := errgroup.WithContext(ctx)
	work.Go(func() (err error) {
		status.Runs, status.QuietRuns, err = historyOf(d).Latest(workCtx, limit)
		return err
	})
	work.Go(func() (err error) {
		status.Waiting, err = readWaiting(workCtx, d)
		return err
	})
	work.Go(func() (err error) {
		if status.Alarms, err = d.Alarms(workCtx); err != nil {
			return fmt.Errorf("read the alarms: %w", err)
		}
		return nil
	})
	if err := work.Wait(); err != nil {
		return err
	}
	return env.Console.Show(status.Page(time.Now()))
}

// readWaiting counts the objects that wait to be sent.
func readWaiting(ctx context.Context, d *connect.SendFiles) (w view.Waiting, err error) {
	sending, err := d.Open(ctx)
	if err != nil {
		return w, err
	}
	source := sending.Selection.Source
	for object, err := range sending.Selection.Select(ctx, sendrun.Request{Prefix: source.Prefix}) {
		if err != nil {
			return w, err
		}
		if !object.IsWaiting() {
			continue
		}
		w.Objects++
		w.Bytes += object.Size
		if w.Oldest == nil || object.UploadedAt.Before(w.Oldest.UploadedAt) {
			w.Oldest = &object.Object
		}
	}
	return w, nil
}
