package fetchconfig

import (
	"fmt"
	"strings"
)

// After is what becomes of a remote file that was fetched: nothing, unless it says
// otherwise.
type After struct {
	// Delete deletes it.
	Delete bool
	// MoveTo is the folder that it is moved to, with placeholders of ExpandDates; "" for
	// none.
	MoveTo string
}

// String returns keep, delete or move:<folder>.
func (a After) String() string {
	switch {
	case a.Delete:
		return "delete"
	case a.MoveTo != "":
		return "move:" + a.MoveTo
	}
	return "keep"
}

// IsZero reports whether the file is kept where it is.
func (a After) IsZero() bool { return a == After{} }

// MarshalText returns String.
func (a After) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what String returns.
func (a *After) UnmarshalText(text []byte) (err error) {
	*a, err = parseAfter(string(text))
	return err
}

func parseAfter(text string) (After, error) {
	action, folder, _ := strings.Cut(text, ":")
	folder = strings.TrimSpace(folder)
	switch action = strings.ToLower(strings.TrimSpace(action)); {
	case action == "move" && folder != "":
		return After{MoveTo: cleanFolder(folder)}, nil
	case action == "move":
		return After{}, fmt.Errorf(`%q has no folder to move to: write it like "move:/done"`, text)
	case action == "keep" && folder == "":
		return After{}, nil
	case action == "delete" && folder == "":
		return After{Delete: true}, nil
	}
	return After{}, fmt.Errorf(`%q is not "keep", "delete" or "move:<folder>"`, text)
}
