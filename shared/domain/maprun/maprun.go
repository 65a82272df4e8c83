// Package maprun reads what a Map Run, the execution of a Distributed Map, leaves
// in a bucket.
package maprun

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"

	"github.com/digipres/sync-users/shared/domain/run"
)

// Child is one child execution, which processed one item. Input and Output are
// JSON; Error and Cause are set if it failed.
type Child struct{ Input, Output, Error, Cause string }

// Reader reads what a Map Run left.
type Reader interface {
	run.Reader
	run.Opener
}

// Children returns the child executions from the files that a ResultWriter wrote,
// given its manifest. Those that never started are among them, without an Output
// and an Error. Only one of them is in memory, because a file may have up to 5 GB. The
// last one comes with an error if they can't be read to the end.
// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
func Children(ctx context.Context, reader Reader, manifest run.Object) iter.Seq2[Child, error] {
	return func(yield func(Child, error) bool) {
		var m struct {
			DestinationBucket string
			ResultFiles       map[string][]struct{ Key string } // by status
		}
		if err := reader.Load(ctx, manifest, &m); err != nil {
			yield(Child{}, fmt.Errorf("read the results' manifest: %w", err))
			return
		}
		for _, files := range m.ResultFiles {
			for _, file := range files {
				for child, err := range run.Items[Child](ctx, reader, run.Object{Bucket: m.DestinationBucket, Key: file.Key}) {
					if err != nil {
						err = fmt.Errorf("read results: %w", err)
					}
					if !yield(child, err) || err != nil {
						return
					}
				}
			}
		}
	}
}

// maxReason is the most bytes of a Reason.
const maxReason = 300

// Reason returns the text of a failure, on one line, given the Error and Cause of
// a child execution or of a Catch. The cause of a Lambda's error is JSON with the
// text in it; any other is plain text, or empty.
func Reason(name, cause string) string {
	var lambda struct {
		Message string `json:"errorMessage"`
	}
	if json.Unmarshal([]byte(cause), &lambda) == nil && lambda.Message != "" {
		cause = lambda.Message
	}
	text := strings.Join(strings.Fields(strings.ReplaceAll(cause, "\n", "; ")), " ")
	switch {
	case text == "" && name == "States.Timeout":
		return "took longer than its time limit"
	case text == "":
		return "no reason was given"
	case len(text) > maxReason:
		return strings.ToValidUTF8(text[:maxReason], "") + "…"
	}
	return text
}

// FailName returns a name that a Fail state may use: not one of Step Functions' own
// (https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html).
func FailName(name string) string {
	if strings.HasPrefix(name, "States.") {
		return "RunFailed"
	}
	return name
}
