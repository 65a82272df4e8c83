package browser

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/shared/domain/page"
)

// WritePage writes a page to a file that only its owner may read, because it names people.
func WritePage(c *console.Console, file string, p page.Page) error {
	var text bytes.Buffer
	if err := p.Write(&text); err != nil {
		return err
	}
	if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
		return hint.With(err, "Name a file in a folder that you may write to.")
	}
	c.Note(console.Text("Wrote " + file))
	return nil
}

// OpenPage writes a page to a temporary file that only its owner may read, unless the name of
// another is given, and opens it in the browser. The temporary file's name begins with that of
// the program. It stays, because the browser may read it when the command has ended.
func OpenPage(ctx context.Context, c *console.Console, file, program string, p page.Page) error {
	if file == "" {
		temporary, err := os.CreateTemp("", program+"-*.html")
		if err != nil {
			return hint.With(err, "--html names a file in another folder.")
		}
		file = temporary.Name()
		_ = temporary.Close()
	}
	if err := WritePage(c, file, p); err != nil {
		return err
	}
	switch err := Open(ctx, file, c.MessageWriter()); {
	case errors.Is(err, ErrNone):
		return hint.With(fmt.Errorf("there is no browser here to open %s", file), "Name one in BROWSER, or open the file where there is one.")
	case err != nil:
		return hint.With(fmt.Errorf("open %s in the browser: %w", file, err), "Open the file yourself, or name another browser in BROWSER.")
	}
	return nil
}
