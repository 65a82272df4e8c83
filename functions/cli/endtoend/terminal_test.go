package endtoend

import (
	"bytes"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

const columns = 100

// startOnTerminal starts a command on a terminal.
func startOnTerminal(t *testing.T, cmd *exec.Cmd) io.ReadWriteCloser {
	t.Helper()
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 30, Cols: columns})
	require.NoError(t, err)
	t.Cleanup(func() { _ = terminal.Close() })
	return terminal
}

var escapes = regexp.MustCompile(`\x1b\[[0-9;]*[A-Za-z]`)

// On a terminal a sync shows its plan and asks; then it shows a bar, which is removed
// at the end.
func TestSyncOnATerminal(t *testing.T) {
	keyless := newUser("keyless", devUsers)
	keyless.NoKeys = true
	newFixture(t, append(makeUsers(5), keyless)...)
	cloud.SFTPGo.Inject(sftpgo.Fault{Method: http.MethodGet, Path: "/api/v2/users/{name}", Delay: 100 * time.Millisecond})

	cmd := command(t, nil, "sync", "--concurrency", "2")
	terminal := startOnTerminal(t, cmd)
	asked := readUntil(t, terminal, "[y/N] ")
	assert.Contains(t, asked, "\x1b[32mupdated\x1b[0m")
	assert.Contains(t, escapes.ReplaceAllString(asked, ""), "Change 5 accounts in SFTPGo? [y/N] ")
	assert.Empty(t, mapped(t, email("user00")))
	_, err := terminal.Write([]byte("y\n"))
	require.NoError(t, err)
	shown := readAll(terminal)
	_ = cmd.Wait()

	assert.Equal(t, failure, cmd.ProcessState.ExitCode(), "a user has no keys")
	assert.Equal(t, devBuckets, mapped(t, email("user00")))
	assert.Contains(t, shown, "█")
	assert.Contains(t, shown, "(3/6)")
	assert.Contains(t, shown, "keyless \x1b[31mfailed:\x1b[0m", "a failure is shown at once")
	bar, report, _ := strings.Cut(shown, "sync-2")
	assert.NotContains(t, report, "█")
	assert.Empty(t, strings.TrimSpace(lastLine(bar)), "nothing of the bar is left")
	for line := range strings.Lines(report) {
		assert.LessOrEqual(t, len([]rune(strings.TrimRight(escapes.ReplaceAllString(line, ""), "\r\n"))), columns, line)
	}
}

func TestNoColor(t *testing.T) {
	newFixture(t, newUser("alice", devUsers))
	for name, cmd := range map[string]*exec.Cmd{
		"--no-color": command(t, nil, "plan", "--no-color"),
		"NO_COLOR":   command(t, map[string]string{"NO_COLOR": "1"}, "plan"),
		"TERM=dumb":  command(t, map[string]string{"TERM": "dumb"}, "plan"),
	} {
		t.Run(name, func(t *testing.T) {
			shown := readAll(startOnTerminal(t, cmd))
			_ = cmd.Wait()
			assert.Contains(t, shown, "alice")
			assert.NotContains(t, shown, "\x1b")
		})
	}
}

// readAll reads all that a terminal shows. On Linux it ends with an error instead of
// io.EOF when the process ends.
func readAll(terminal io.Reader) string {
	var b bytes.Buffer
	_, _ = io.Copy(&b, terminal)
	return b.String()
}

// lastLine returns what a terminal shows on the last line of a text.
func lastLine(text string) string {
	text = escapes.ReplaceAllString(text, "")
	text = text[strings.LastIndex(text, "\n")+1:]
	return text[strings.LastIndex(text, "\r")+1:]
}
