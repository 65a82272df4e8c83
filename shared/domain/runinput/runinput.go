// Package runinput parses what the inputs of all systems' runs have in common: a flat
// JSON object, or EventBridge's event of an object that was created in S3.
package runinput

import (
	"encoding/json"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Fields returns the fields of a JSON object. It returns InvalidInput, with the examples,
// for anything else.
func Fields(input json.RawMessage, examples string) (map[string]json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(input, &fields); err != nil || fields == nil {
		return nil, errkind.Errorf(errkind.InvalidInput, "the input must be a JSON object such as %s", examples)
	}
	return fields, nil
}

// IsEvent returns whether the fields are those of an event.
func IsEvent(fields map[string]json.RawMessage) bool {
	_, ok := fields["detail-type"]
	return ok
}

// Flag returns the value of a field that is true or false. It returns InvalidInput for
// anything else.
func Flag(name string, value json.RawMessage) (bool, error) {
	var flag *bool // null would unmarshal as false
	if json.Unmarshal(value, &flag) != nil || flag == nil {
		return false, errkind.Errorf(errkind.InvalidInput, `%q must be true or false`, name)
	}
	return *flag, nil
}

// ObjectCreated returns the bucket and the key of an Object Created event
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html). It ignores unknown
// fields, because AWS may add some, and returns InvalidInput for other events.
func ObjectCreated(input json.RawMessage) (bucket, key string, err error) {
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
		return "", "", errkind.Errorf(errkind.InvalidInput, "the event is not an S3 event: %w", err)
	}
	if event.Source != "aws.s3" || event.DetailType != "Object Created" {
		return "", "", errkind.Errorf(errkind.InvalidInput,
			`the event is %q of %q; only "Object Created" of "aws.s3" starts a run`, event.DetailType, event.Source)
	}
	return event.Detail.Bucket.Name, event.Detail.Object.Key, nil
}
