package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/digipres/sync-users/statemachine/local"
)

// supervisor is the argument that makes this program hold the cloud. It is not
// for people.
const supervisor = "supervise"

// supervise holds a cloud until it is told to stop or a part of it ends. What
// it says until the cloud is up goes to whoever started it, on descriptor 3.
func supervise(ctx context.Context, root string) error {
	starter := os.NewFile(3, "starter")
	if starter == nil {
		return errors.New("`local up` starts this")
	}
	// What the cloud starts must not hold it open.
	syscall.CloseOnExec(int(starter.Fd()))
	cloud, err := local.Start(ctx, local.Config{Name: name, Root: root, Progress: starter})
	if err != nil {
		_, _ = fmt.Fprintln(starter, err)
		return err
	}
	defer cloud.Stop()
	if err := starter.Close(); err != nil {
		return err
	}
	return cloud.Wait(ctx)
}
