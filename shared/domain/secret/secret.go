// Package secret holds values that must never be seen.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Text is a secret text. However it is printed, logged or marshalled, it
// shows as "[redacted]"; only Reveal gives the value. The zero Text is empty.
type Text struct {
	// A pointer, because fmt looks through unexported fields without asking
	// their methods, but prints a pointer inside them as an address.
	value *string
}

// New keeps a value secret.
func New(value string) Text { return Text{&value} }

// Reveal gives the value, to be handed to the server that it is for.
func (t Text) Reveal() string {
	if t.value == nil {
		return ""
	}
	return *t.value
}

// Empty tells whether there is a value at all.
func (t Text) Empty() bool { return t.Reveal() == "" }

// String redacts.
func (Text) String() string { return redacted }

// Format redacts, for every verb of fmt.
func (Text) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue redacts, for slog.
func (Text) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON redacts, for encoding/json.
func (Text) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }
