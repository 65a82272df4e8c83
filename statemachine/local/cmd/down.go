package main

import (
	"context"
	"fmt"
	"io"

	"github.com/digipres/sync-users/statemachine/local"
)

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
