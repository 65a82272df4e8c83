package main

import (
	"context"
	"fmt"
	"io"

	"github.com/digipres/sync-users/statemachine/local"
)

// down stops the cloud and waits until it is gone.
func down(ctx context.Context, root string, out io.Writer) error {
	stopped, err := local.StopRunning(ctx, root, name)
	if err != nil {
		return err
	}
	if !stopped {
		_, err = fmt.Fprintln(out, "The laptop cloud is not up.")
		return err
	}
	_, err = fmt.Fprintln(out, "The laptop cloud is stopped; none of its processes is left.")
	return err
}
