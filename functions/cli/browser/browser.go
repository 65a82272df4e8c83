// Package browser opens files in a web browser.
package browser

import (
	"context"
	"errors"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/cli/browser"
)

// ErrNone means that no browser was found.
var ErrNone = errors.New("there is no browser")

// Open opens a file in the browser that the environment variable BROWSER names, or else in the
// desktop's. BROWSER is a list of commands, of which the first that succeeds is taken; `%s` in
// one is replaced by the address, which is otherwise its last argument
// (https://manpages.debian.org/stable/sensible-utils/sensible-browser.1.en.html). The
// browser prints to output. It returns ErrNone if there is none.
func Open(ctx context.Context, file string, output io.Writer) error {
	file, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	// On Windows a path begins with a letter, and in an address with a slash.
	address := (&url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(filepath.ToSlash(file), "/")}).String()
	if list := os.Getenv("BROWSER"); list != "" {
		return openWith(ctx, list, address, output)
	}
	browser.Stdout, browser.Stderr = output, output
	err = browser.OpenURL(address)
	if errors.Is(err, exec.ErrNotFound) {
		return ErrNone
	}
	return err
}

// openWith runs the commands of BROWSER until one succeeds.
func openWith(ctx context.Context, list, address string, output io.Writer) error {
	err := ErrNone
	for _, command := range filepath.SplitList(list) {
		words := strings.Fields(command)
		if len(words) == 0 {
			continue
		}
		if !strings.Contains(command, "%s") {
			words = append(words, "%s")
		}
		for i, word := range words {
			words[i] = strings.ReplaceAll(word, "%s", address)
		}
		cmd := exec.CommandContext(ctx, words[0], words[1:]...)
		// A browser may be one for the terminal.
		cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, output, output
		if err = cmd.Run(); err == nil {
			return nil
		}
	}
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		return ErrNone
	}
	return err
}
