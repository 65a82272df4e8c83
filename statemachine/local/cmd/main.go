// Command local starts, shows and stops the laptop cloud, for targets of the
// Makefile.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/childproc"
)

// name is that of the cloud that `make up` starts; the demo and tests have others.
const name = "laptop"

const usage = `The laptop cloud: AWS, SFTPGo and the deployed stack on this machine.

  local up     start it in the background, and print its addresses
  local demo   show the workflow at work, in a cloud of its own
  local people create the demo's users in the cloud that is up
  local env    print the exports for shells: eval "$(local env)"
  local down   stop it
  local help   print this
`

func main() {
	childproc.ExitIfWatchdog()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("one command is needed: `local help` lists them")
	}
	root, err := local.Root()
	if err != nil {
		return err
	}
	switch args[0] {
	case "up":
		return up(ctx, root, out)
	case "demo":
		return runDemo(ctx, root, out)
	case "people":
		return createUsers(ctx, root, out)
	case "env":
		return env(root, out)
	case "down":
		return down(ctx, root, out)
	case background:
		return runInBackground(ctx, root)
	case "help", "-h", "--help":
		_, err := io.WriteString(out, usage)
		return err
	default:
		return fmt.Errorf("there is no command %q: `local help` lists them", args[0])
	}
}
