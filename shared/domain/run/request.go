// Package run defines what a run consists of: its request, its users, their
// results, its report, and its execution.
package run

import (
	"encoding/json"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// TriggerKey is the key of the object whose upload to the managed bucket starts a
// run. The run deletes it if no user failed.
const TriggerKey = "sync-users/TRIGGER"

// Request is the parsed input of a run.
type Request struct {
	// Username is the only IAM user to sync; empty for all users.
	Username string
	// DryRun asks for a report of what a run would write, without writing it.
	DryRun bool
	// RefreshKeys asks for the keys of every folder to be written, even if they are
	// current as far as can be told.
	RefreshKeys bool
	// Trigger is the uploaded object that started the run, if one did.
	Trigger *Object
}

// ParseRequest parses an execution's input: `{}`, `{"username":"alice"}`,
// `{"dryRun":true}`, `{"refreshKeys":true}`, any of them together, or the S3 event of a TRIGGER uploaded to
// the managed bucket. It returns InvalidInput for anything else, with a text that
// names the field and its valid values.
func ParseRequest(input json.RawMessage, managedBucket string) (Request, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(input, &fields); err != nil || fields == nil {
		return Request{}, errkind.Errorf(errkind.InvalidInput,
			`the input must be a JSON object such as {}, {"username":"alice"} or {"dryRun":true}`)
	}
	if _, ok := fields["detail-type"]; ok {
		return parseEvent(input, managedBucket)
	}
	var request Request
	for name, value := range fields {
		switch name {
		case "username":
			if json.Unmarshal(value, &request.Username) != nil || request.Username == "" {
				return Request{}, errkind.Errorf(errkind.InvalidInput,
					`"username" must be the name of an IAM user; leave it out to sync all users`)
			}
		case "dryRun", "refreshKeys":
			// A pointer, because null would unmarshal as false.
			var flag *bool
			if json.Unmarshal(value, &flag) != nil || flag == nil {
				return Request{}, errkind.Errorf(errkind.InvalidInput, `%q must be true or false`, name)
			}
			if name == "dryRun" {
				request.DryRun = *flag
			} else {
				request.RefreshKeys = *flag
			}
		default:
			return Request{}, errkind.Errorf(errkind.InvalidInput,
				`unknown field %q: the input may have "username", "dryRun" and "refreshKeys"`, name)
		}
	}
	return request, nil
}

// parseEvent parses an EventBridge event of S3. It ignores unknown fields, because
// AWS may add some.
func parseEvent(input json.RawMessage, managedBucket string) (Request, error) {
	var event struct {
		Source     string `json:"source"`
		DetailType string `json:"detail-type"`
		Detail     struct {
			Bucket struct {
				Name string `json:"name"`
			} `json:"bucket"`
			Object struct {
				Key string `json:"key"`
			} `json:"object"`
		} `json:"detail"`
	}
	if err := json.Unmarshal(input, &event); err != nil {
		return Request{}, errkind.Errorf(errkind.InvalidInput, "the event is not an S3 event: %w", err)
	}
	if event.Source != "aws.s3" || event.DetailType != "Object Created" {
		return Request{}, errkind.Errorf(errkind.InvalidInput,
			`the event is %q of %q; only "Object Created" of "aws.s3" starts a run`, event.DetailType, event.Source)
	}
	object := Object{Bucket: event.Detail.Bucket.Name, Key: event.Detail.Object.Key}
	if want := (Object{Bucket: managedBucket, Key: TriggerKey}); object != want {
		return Request{}, errkind.Errorf(errkind.InvalidInput,
			"the event is about s3://%s/%s; only s3://%s/%s starts a run", object.Bucket, object.Key, want.Bucket, want.Key)
	}
	return Request{Trigger: &object}, nil
}
