// Command sync-files operates the deployed workflows that send files to partners' SFTP
// servers, and tells beforehand what they would do.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/sync-files/command"
)

// released is the version of a release. Its build sets it.
var released string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // A second Ctrl-C ends the process at once.
	env := program.Environment{Version: released, In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Connect: connect.New}
	os.Exit(program.Run(ctx, &env, command.New(&env), os.Args[1:]))
}
