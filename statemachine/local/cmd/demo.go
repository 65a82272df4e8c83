package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/demo"
)

// demos are the stories of the systems.
var demos = map[string]func(context.Context, *local.Addresses, io.Writer) error{
	local.SyncUsers:         demo.Run,
	local.SyncTransferUsers: demo.RunTransfer,
	local.SendFiles:         demo.RunSend,
}

// runDemo runs the demo of a system in a cloud of its own, which is stopped afterwards.
func runDemo(system string) func(ctx context.Context, root string, out io.Writer) error {
	return func(ctx context.Context, root string, out io.Writer) error {
		fmt.Fprint(out, "── The laptop cloud: moto in AWS's place, Lambda functions as processes, the real SFTPGo\n\n")
		cloud, err := local.Start(ctx, local.Config{Name: "demo-" + system, Root: root, Systems: []string{system}, Progress: out})
		if err != nil {
			return err
		}
		defer cloud.Stop()
		if err := demos[system](ctx, &cloud.Addresses, out); err != nil {
			return fmt.Errorf("the demo failed: %w (logs: %s)", err, cloud.Logs)
		}
		cloud.Stop()
		fmt.Fprintln(out, "   The laptop cloud is stopped; its logs are in", cloud.Logs)
		return nil
	}
}

// createUsers creates the demo's users in the cloud that is up.
func createUsers(ctx context.Context, root string, out io.Writer) error {
	addresses, err := local.Find(root, name)
	if err != nil {
		return fmt.Errorf("%w: run `make up`", err)
	}
	if !slices.Contains(addresses.Systems, local.SyncUsers) {
		return errors.New("the laptop cloud is up without sync-users, whose people these are")
	}
	return demo.CreateUsers(ctx, addresses, out)
}

// down stops the cloud and waits until it has ended.
func down(ctx context.Context, root string, out io.Writer) error {
	stopped, err := local.StopRunning(ctx, root, name)
	if err != nil {
		return err
	}
	message := "The laptop cloud is stopped; none of its processes is left."
	if !stopped {
		message = "The laptop cloud is not up."
	}
	_, err = fmt.Fprintln(out, message)
	return err
}
