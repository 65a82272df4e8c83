package sendrun

import (
	"encoding/json"
	"fmt"
	"iter"

	"github.com/digipres/sync-users/shared/domain/maprun"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

// objectResults returns one result for each of the objects, in their order. An object
// without a result counts as failed.
func objectResults(objects iter.Seq2[sendfile.Object, error], children iter.Seq2[maprun.Child, error]) ([]sendfile.Result, error) {
	byKey := map[string]sendfile.Result{}
	for child, err := range children {
		if err != nil {
			return nil, err
		}
		if result, ok := parseResult(child); ok {
			byKey[result.Key] = result
		}
	}
	results := []sendfile.Result{}
	for object, err := range objects {
		if err != nil {
			return nil, fmt.Errorf("read the objects of the run: %w", err)
		}
		result, ok := byKey[object.Key]
		if !ok {
			result = failed(object, "NoResult", "the run ended before this object was sent")
		}
		result.Progress = nil
		results = append(results, result)
	}
	return results, nil
}

func failed(object sendfile.Object, name, reason string) sendfile.Result {
	return sendfile.Result{Object: object, Done: true, Outcome: sendfile.Failed, Error: name, Reason: reason}
}

// parseResult returns the result of a child execution; false if it did not start or does
// not name an object.
func parseResult(child maprun.Child) (sendfile.Result, bool) {
	// The output of send-file, or what the workflow's Catch made of its error.
	var output struct {
		sendfile.Result
		Caught *struct{ Error, Cause string } `json:"caught"`
	}
	if json.Unmarshal([]byte(child.Output), &output) == nil && output.Key != "" {
		if caught := output.Caught; caught != nil {
			return failed(output.Object, caught.Error, maprun.Reason(caught.Error, caught.Cause)), true
		}
		return output.Result, true
	}
	var input struct {
		Object sendfile.Object `json:"object"`
	}
	if json.Unmarshal([]byte(child.Input), &input) != nil || input.Object.Key == "" || child.Error == "" {
		return sendfile.Result{}, false
	}
	return failed(input.Object, child.Error, maprun.Reason(child.Error, child.Cause)), true
}
