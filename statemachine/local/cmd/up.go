package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"

	"github.com/digipres/sync-users/statemachine/local"
)

// up starts the cloud unless it is up, and prints its addresses.
func up(ctx context.Context, root string, out io.Writer) error {
	addresses, err := local.Find(root, name)
	switch {
	case err == nil:
		fmt.Fprintln(out, "The laptop cloud is already up.")
		return printAddresses(out, addresses)
	case !errors.Is(err, local.ErrNotUp):
		return err
	}
	if err := startInBackground(ctx, out); err != nil {
		return err
	}
	if addresses, err = local.Find(root, name); err != nil {
		return errors.New("the laptop cloud did not come up")
	}
	return printAddresses(out, addresses)
}

// background is the command that runs the cloud for `local up`.
const background = "background"

// startInBackground starts a process that runs the cloud, in a session of its
// own, so that it outlives the terminal. It prints that process's progress until
// the cloud is up, and ends it if this command is interrupted before.
func startInBackground(ctx context.Context, out io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	progress, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer progress.Close()
	process := exec.Command(self, background, "--systems", strings.Join(chosenSystems, ","))
	process.ExtraFiles = []*os.File{write}
	process.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := errors.Join(process.Start(), write.Close()); err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = process.Process.Signal(syscall.SIGTERM) })()

	if _, err := io.Copy(out, progress); err != nil {
		return err
	}
	if ctx.Err() != nil {
		_ = process.Wait()
		return errors.New("interrupted: nothing is left running")
	}
	return process.Process.Release()
}

// runInBackground runs a cloud until it is told to stop or a part of it ends. Its
// progress until the cloud is up goes to file descriptor 3, which `local up` reads.
func runInBackground(ctx context.Context, root string, _ io.Writer) error {
	progress := os.NewFile(3, "progress")
	syscall.CloseOnExec(int(progress.Fd())) // The cloud's processes must not keep it open.
	cloud, err := local.Start(ctx, local.Config{Name: name, Root: root, Systems: chosenSystems, Progress: progress})
	if err != nil {
		fmt.Fprintln(progress, err)
		return err
	}
	defer cloud.Stop()
	if err := progress.Close(); err != nil {
		return err
	}
	return cloud.Wait(ctx)
}

// printAddresses prints the addresses, and what to type next.
func printAddresses(out io.Writer, a *local.Addresses) error {
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table)
	for _, row := range a.Summary() {
		fmt.Fprintf(table, "  %s\t%s\n", row.Name, row.Value)
	}
	fmt.Fprint(table, `
What to type next:

  eval "$(make -s env)"    then aws, an SFTP client and variables such as $SFTPGO_PASSWORD are ready in this shell
`)
	if slices.Contains(a.Systems, local.SyncUsers) {
		fmt.Fprintln(table, "  make people              creates a handful of users, in every situation")
	}
	if bucket := a.Outputs.ManagedBucketName; bucket != "" {
		fmt.Fprintf(table, `  touch TRIGGER && aws s3 cp TRIGGER s3://%s/sync-users/TRIGGER
                           starts a run
`, bucket)
	}
	fmt.Fprintln(table, "  make down                stops all of it")
	return table.Flush()
}
