package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/digipres/sync-users/statemachine/local"
)

// background is the argument with which `local up` starts this program again, to
// run the cloud.
const background = "background"

// runInBackground runs a cloud until it is told to stop or a part of it ends.
// Its progress until the cloud is up goes to file descriptor 3, which is `local
// up`.
func runInBackground(ctx context.Context, root string) error {
	starter := os.NewFile(3, "starter")
	if starter == nil {
		return errors.New("`local up` starts this")
	}
	// The cloud's processes must not keep it open.
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
