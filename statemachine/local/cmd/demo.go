package main

import (
	"context"
	"fmt"
	"io"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/demo"
)

// demonstrate shows the workflow at work in a cloud of its own, which is gone
// afterwards.
func demonstrate(ctx context.Context, root string, out io.Writer) error {
	fmt.Fprint(out, "── A cloud on this machine: AWS as moto plays it, Lambdas as processes, the real SFTPGo\n\n")
	cloud, err := local.Start(ctx, local.Config{Name: "demo", Root: root, Progress: out})
	if err != nil {
		return err
	}
	defer cloud.Stop()
	if err := demo.Run(ctx, &cloud.Addresses, out); err != nil {
		return fmt.Errorf("the demo went wrong: %w (logs: %s)", err, cloud.Logs)
	}
	cloud.Stop()
	fmt.Fprintln(out, "   The cloud is gone again; its logs are in", cloud.Logs)
	return nil
}

// moveIn lets the demo's people move into the cloud that is up.
func moveIn(ctx context.Context, root string, out io.Writer) error {
	addresses, err := local.Find(root, name)
	if err != nil {
		return fmt.Errorf("%w: run `make up`", err)
	}
	return demo.MoveIn(ctx, addresses, out)
}
