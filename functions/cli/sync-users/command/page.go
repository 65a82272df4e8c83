package command

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/digipres/sync-users/functions/cli/browser"
	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/shared/domain/page"
)

// showPage writes a page into a file, or into a temporary one that only its owner can read
// if the name is empty, and opens it in the browser if it is asked to. A temporary file
// stays, because a browser reads it when the command has ended.
func showPage(ctx context.Context, c *console.Console, p page.Page, name string, open bool) error {
	file, err := createFile(name)
	if err == nil {
		err = errors.Join(p.Write(file), file.Close())
	}
	if err != nil {
		return hint.With(fmt.Errorf("write the page: %w", err), "--html names another file.")
	}
	if !open {
		c.Note(console.Text("The page is in " + file.Name()))
		return nil
	}
	switch err := browser.Open(ctx, file.Name(), c.MessageWriter()); {
	case errors.Is(err, browser.ErrNone):
		return hint.With(fmt.Errorf("there is no browser here to open %s", file.Name()),
			"Name one in BROWSER, or open the file where there is one.")
	case err != nil:
		return hint.With(fmt.Errorf("open %s in the browser: %w", file.Name(), err), "Open the file yourself, or name another browser in BROWSER.")
	}
	c.Note(console.Text("Opened " + file.Name()))
	return nil
}

func createFile(name string) (*os.File, error) {
	if name == "" {
		return os.CreateTemp("", "sync-users-*.html")
	}
	return os.Create(name)
}
