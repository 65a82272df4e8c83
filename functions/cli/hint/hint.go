// Package hint attaches to an error what its reader can do about it.
package hint

import (
	"errors"
	"strings"
)

type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

// With returns the error with a hint, or nil if it is nil.
func With(err error, hint string) error {
	if err == nil {
		return nil
	}
	return hinted{err, hint}
}

// Of returns the hint of an error; empty if it has none.
func Of(err error) string {
	var h hinted
	errors.As(err, &h)
	return h.hint
}

// OneLine returns the text of an error on one line.
func OneLine(err error) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; ")), " ")
}
