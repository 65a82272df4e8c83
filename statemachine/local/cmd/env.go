package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/digipres/sync-users/statemachine/local"
)

// env prints the exports with which other programs use the cloud.
func env(_ context.Context, root string, out io.Writer) error {
	a, err := local.Find(root, name)
	if err != nil {
		return fmt.Errorf("%w: run `make up`", err)
	}
	for _, variable := range a.Exports() {
		fmt.Fprintf(out, "export %s=%s\n", variable.Name, quote(variable.Value))
	}
	// A profile or a session of another account would take precedence over the keys.
	_, err = fmt.Fprintln(out, "unset AWS_PROFILE AWS_SESSION_TOKEN")
	return err
}

// quote returns a value as one word of any shell.
func quote(value string) string {
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
