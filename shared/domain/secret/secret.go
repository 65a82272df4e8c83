// Package secret keeps secret values out of outputs and logs.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Text is a secret text. Printed, logged or marshalled, it is "[redacted]"; only
// Reveal returns the value. The zero Text is empty.
type Text struct {
	// A pointer, because fmt prints unexported fields without calling their
	// methods, but prints a pointer inside them as an address.
	value *string
}

// New returns a secret with a value.
func New(value string) Text { return Text{&value} }

// Reveal returns the value. Pass it only to the server that it is for.
func (t Text) Reveal() string {
	if t.value == nil {
		return ""
	}
	return *t.value
}

// Empty reports whether the value is empty.
func (t Text) Empty() bool { return t.Reveal() == "" }

// String redacts.
func (Text) String() string { return redacted }

// Format redacts, for every verb of fmt.
func (Text) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue redacts, for slog.
func (Text) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON redacts, for encoding/json.
func (Text) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }
