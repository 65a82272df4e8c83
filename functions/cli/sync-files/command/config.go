package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/finding"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/shared/adapter/sftp"
	"github.com/digipres/sync-users/shared/domain/fetchconfig"
)

func newConfigCommand(env *program.Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Check or write a configuration of fetch-files",
		Long: `Works with the file that says what fetch-files fetches from which server, where to and
when. It needs no AWS.`,
		Example: `  sync-files config new partner.json
  sync-files config check partner.json`,
		Args: program.MaxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newConfigCheckCommand(env), newConfigNewCommand(env))
	return cmd
}

func newConfigCheckCommand(env *program.Environment) *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE",
		Short: "Say everything that is wrong with a configuration",
		Long: `Checks a configuration as a whole, as a deploy does before anything is made. Each mistake has
its place in the file, and what to do about it. A right configuration is shown as it is
understood: each folder with its name, its place in S3 and its schedule.

The exit code is 1 when something is wrong. A configuration without the server's host keys
can be deployed, and fetches nothing before it has one.`,
		Example: `  sync-files config check partner.json
  sync-files config check partner.json --output json`,
		Args: oneFile,
		RunE: func(_ *cobra.Command, args []string) error { return runConfigCheck(env, args[0]) },
	}
}

// oneFile requires the name of a file.
func oneFile(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return program.UsageError(cmd, errors.New("give the name of a file, such as partner.json"))
	}
	return program.MaxArgs(1)(cmd, args)
}

func runConfigCheck(env *program.Environment, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var l finding.List
	foot := console.Good.Text("The configuration is right.")
	l.Section(file)
	server, err := fetchconfig.Parse(text)
	var mistakes fetchconfig.Mistakes
	if errors.As(err, &mistakes) {
		for _, m := range mistakes {
			l.Add(m.Place, finding.Failed, m.Text, "")
		}
		foot = console.Bad.Text(fmt.Sprintf("The configuration is wrong: see the %d ✗.", len(mistakes)))
	} else {
		addConfiguration(&l, server)
	}
	err = env.Console.Show(console.Page{Tables: l.Tables(), Foot: []console.Span{foot}, CSV: l.CSV(), JSON: l.Findings})
	if err == nil && mistakes != nil {
		return program.Failure
	}
	return err
}

// addConfiguration adds what a right configuration says.
func addConfiguration(l *finding.List, server *fetchconfig.Server) {
	l.Add("server", finding.OK, fmt.Sprintf("%s at %s", server.Name, server.URL), "")
	if server.HasHostKeys() {
		l.Add("host keys", finding.OK, fmt.Sprintf("%d", len(server.PublicKey)), "")
	} else {
		l.Add("host keys", finding.Skipped, "there are none, so nothing is fetched and no schedule starts a run",
			"Compare what `ssh-keyscan -t rsa,ecdsa HOST` prints with what the server's operator says, and put it into PublicKey.")
	}
	for _, s := range server.SyncSettings {
		below := ""
		if s.RemoteFolders.Recursive {
			below = ", with the folders below it,"
		}
		l.Add(s.Name, finding.OK, fmt.Sprintf("%s%s to s3://%s/%s, %s", s.RemoteFolders.Folder, below, s.LocalRepository.BucketName, s.LocalRepository.Prefix, s.Schedule), "")
	}
}

func newConfigNewCommand(env *program.Environment) *cobra.Command {
	return &cobra.Command{
		Use:   "new FILE",
		Short: "Ask for what a configuration needs, and write it",
		Long: `Asks for the server, its host keys, its schedule and the folders to fetch, and writes a
configuration into a new file. A wrong answer is asked for again. It shows the host keys that
the server shows, for you to compare with what its operator says.

What it does not ask for can be added to the file: see docs/fetch-files.md.`,
		Example: `  sync-files config new partner.json`,
		Args:    oneFile,
		RunE:    func(cmd *cobra.Command, args []string) error { return runConfigNew(cmd.Context(), env, args[0]) },
	}
}

func runConfigNew(ctx context.Context, env *program.Environment, name string) error {
	if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is something named %s already: give the name of a new file", name)
	}
	text, err := fetchconfig.Ask(&questions{ctx: ctx, console: env.Console, answers: bufio.NewScanner(env.In)})
	if errors.Is(err, io.EOF) {
		return errors.New("the answers ended before the last question, so nothing was written")
	}
	if err != nil {
		return err
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if _, err = file.Write(text); err != nil {
		_ = file.Close()
		return err
	}
	if err = file.Close(); err == nil {
		env.Console.Note(console.Text("Written to " + name + ". Name it in the setting configuration of a deployment of fetch-files."))
	}
	return err
}

// questions are asked on standard error, and answered on standard input.
type questions struct {
	ctx     context.Context
	console *console.Console
	answers *bufio.Scanner
}

func (q *questions) Ask(question fetchconfig.Question) (string, error) {
	text := question.Text
	switch {
	case question.Fallback != "":
		text += " [" + question.Fallback + "]"
	case question.Optional:
		text += " [none]"
	}
	q.console.Note(console.Bold.Text(text + ":"))
	if !q.answers.Scan() {
		if err := errors.Join(q.answers.Err(), q.ctx.Err()); err != nil {
			return "", err
		}
		return "", io.EOF
	}
	return q.answers.Text(), nil
}

func (q *questions) Say(line string) { q.console.Note(console.Warning.Text(line)) }

func (q *questions) HostKeys(address string) ([]string, error) {
	server, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	host := server.Host
	if server.Port() == "" {
		host += ":22"
	}
	keys, err := sftp.OfferedHostKeys(q.ctx, host)
	var lines []string
	for _, key := range keys {
		lines = append(lines, key.Line)
	}
	return lines, err
}
