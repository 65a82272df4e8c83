// Package secret holds values that must never be seen.
package secret

import "log/slog"

const redacted = "[redacted]"

// Text is a secret text. However it is printed, logged or marshalled, it
// shows as "[redacted]"; only Reveal gives the value. The zero Text is empty.
type Text struct{ value string }

// New keeps a value secret.
func New(value string) Text { return Text{value} }

// Reveal gives the value, to be handed to the server that it is for.
func (t Text) Reveal() string { return t.value }

// Empty tells whether there is a value at all.
func (t Text) Empty() bool { return t.value == "" }

// String redacts, for fmt.
func (Text) String() string { return redacted }

// GoString redacts, for fmt's %#v.
func (Text) GoString() string { return redacted }

// LogValue redacts, for slog.
func (Text) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON redacts, for encoding/json.
func (Text) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }
