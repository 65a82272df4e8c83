// Package run holds the vocabulary of a run: what it was asked for, the users
// it is about, what became of each, and the report.
package run

import (
	"encoding/json"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// TriggerKey is the object whose upload to the managed bucket starts a run. A
// run in which nobody failed deletes it.
const TriggerKey = "sync-users/TRIGGER"

// Request is what a run was asked to do.
type Request struct {
	// Username is the one IAM user to sync; empty means everybody.
	Username string
	// DryRun reads everything, writes nothing and reports what a run would do.
	DryRun bool
	// Trigger is the uploaded object that started the run, if one did.
	Trigger *Object
}

// Object is a place in S3.
type Object struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
}

// ParseRequest reads an execution's input: `{}`, `{"username":"alice"}`,
// `{"dryRun":true}`, both together, or the S3 event of a TRIGGER uploaded to
// the managed bucket. Anything else is InvalidInput, with a text that names
// the field and what it may hold.
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
					`"username" must be the name of an IAM user; leave it out to sync everybody`)
			}
		case "dryRun":
			// A pointer, because null would pass for false.
			var dryRun *bool
			if json.Unmarshal(value, &dryRun) != nil || dryRun == nil {
				return Request{}, errkind.Errorf(errkind.InvalidInput, `"dryRun" must be true or false`)
			}
			request.DryRun = *dryRun
		default:
			return Request{}, errkind.Errorf(errkind.InvalidInput,
				`unknown field %q: the input may have "username" and "dryRun"`, name)
		}
	}
	return request, nil
}

// parseEvent reads an EventBridge event of S3. Its other fields are AWS's to
// add to, so they are not looked at.
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
		return Request{}, errkind.Errorf(errkind.InvalidInput, "the event is not one of S3: %w", err)
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
