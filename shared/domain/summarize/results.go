// Package summarize turns what a run left in the runs bucket into its report
// and the mail about it.
package summarize

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/digipres/sync-users/shared/domain/run"
)

// The files that a Distributed Map's ResultWriter leaves, as far as they
// matter here:
// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
type (
	manifest struct {
		DestinationBucket string
		ResultFiles       map[string][]struct{ Key string } // by status
	}
	// child is one execution of the Map: one user. Input and Output are JSON
	// in a string; Error and Cause are there for one that failed.
	child struct{ Input, Output, Error, Cause string }
)

// noted is a child's output: a Result, or one with the error that the workflow
// caught, in the words of its Catch.
type noted struct {
	run.Result
	Caught *struct{ Error, Cause string } `json:"caught"`
}

// results reads what became of the users that the Map got to, by username.
func results(ctx context.Context, runs run.Reader, at run.Object) (map[string]run.Result, error) {
	var m manifest
	if err := runs.Load(ctx, at, &m); err != nil {
		return nil, fmt.Errorf("read the results' manifest: %w", err)
	}
	byUser := map[string]run.Result{}
	for _, files := range m.ResultFiles {
		for _, file := range files {
			var children []child
			if err := runs.Load(ctx, run.Object{Bucket: m.DestinationBucket, Key: file.Key}, &children); err != nil {
				return nil, fmt.Errorf("read results: %w", err)
			}
			for _, c := range children {
				if result, ok := c.result(); ok {
					byUser[result.Username] = result
				}
			}
		}
	}
	return byUser, nil
}

// result gives what became of the child's user; false for a child that never
// started or whose user can't be told.
func (c child) result() (run.Result, bool) {
	if c.Output != "" {
		var n noted
		if err := json.Unmarshal([]byte(c.Output), &n); err == nil && n.Username != "" {
			if n.Caught != nil {
				n.Error, n.Reason = n.Caught.Error, explain(n.Caught.Error, n.Caught.Cause)
			}
			return n.Result, true
		}
	}
	var input struct {
		User struct{ Username string } `json:"user"`
	}
	if err := json.Unmarshal([]byte(c.Input), &input); err != nil || input.User.Username == "" || c.Error == "" {
		return run.Result{}, false
	}
	return run.Result{
		Username: input.User.Username,
		Outcome:  run.Failed,
		Error:    c.Error,
		Reason:   explain(c.Error, c.Cause),
	}, true
}

// maxReason is how many bytes of an explanation are kept.
const maxReason = 300

// explain gives the words of an error's cause, on one line. A Lambda's cause
// is JSON with the message in it; any other is plain text, or empty.
func explain(name, cause string) string {
	var lambda struct {
		Message string `json:"errorMessage"`
	}
	if json.Unmarshal([]byte(cause), &lambda) == nil && lambda.Message != "" {
		cause = lambda.Message
	}
	words := strings.Join(strings.Fields(strings.ReplaceAll(cause, "\n", "; ")), " ")
	switch {
	case words == "" && name == "States.Timeout":
		return "took longer than a user may take"
	case words == "":
		return "no explanation was given"
	case len(words) > maxReason:
		return strings.ToValidUTF8(words[:maxReason], "") + "…"
	}
	return words
}
