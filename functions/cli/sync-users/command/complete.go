package command

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/runs"
)

// listUsernames lists the names of IAM users, or none if they can't be read.
func listUsernames(ctx context.Context, c connect.Connections) (names []cobra.Completion) {
	aws, err := c.AWS(ctx)
	if err != nil {
		return nil
	}
	users, _ := aws.Directory.IAMUsers(ctx)
	for _, user := range users {
		names = append(names, user.Username)
	}
	return names
}

// listRuns lists the names of the latest runs, or none if they can't be read.
func listRuns(ctx context.Context, c connect.Connections) (names []cobra.Completion) {
	d, err := c.Deployment(ctx)
	if err != nil {
		return nil
	}
	names, _ = d.History.Names(ctx, runs.RecentLimit)
	return names
}
