// Package sendrun is a run of send-files: which objects it is about, in which order runs
// follow one another, and what they leave. Sending one object is package sendfile's.
package sendrun

import (
	"encoding/json"
	"strings"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Source is where the objects are that are sent.
type Source struct {
	Bucket, Prefix string
}

// Request is the parsed input of a run.
type Request struct {
	// Key is the only object; empty for all objects under Prefix.
	Key string
	// Prefix is the source's or a longer one.
	Prefix string
	// DryRun asks for a report of what would be sent.
	DryRun bool
	// Resend asks for objects to be sent that were sent before.
	Resend bool
	// Waits is whether the run waits for another one. The others, which an upload, the
	// schedule or a run started, leave what there is to that one, which looks once more
	// before it ends.
	Waits bool
}

// ParseRequest parses an execution's input: `{}` or `{"prefix":"…"}` for all objects,
// `{"key":"…"}` for one, each also with `"dryRun":true` or `"resend":true`; `{"sweep":true}`,
// which is the schedule's; or the S3 event of an upload. It returns InvalidInput for
// anything else.
func ParseRequest(input json.RawMessage, source Source) (Request, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(input, &fields); err != nil || fields == nil {
		return Request{}, errkind.Errorf(errkind.InvalidInput,
			`the input must be a JSON object such as {}, {"key":"%[1]sreport.csv"} or {"prefix":"%[1]s"}`, source.Prefix)
	}
	if _, ok := fields["detail-type"]; ok {
		return parseEvent(input, source)
	}
	request := Request{Prefix: source.Prefix, Waits: true}
	for name, value := range fields {
		switch name {
		case "key":
			if json.Unmarshal(value, &request.Key) != nil || request.Key == "" {
				return Request{}, errkind.Errorf(errkind.InvalidInput, `"key" must be the key of an object; leave it out to send all`)
			}
		case "prefix":
			var prefix *string
			if json.Unmarshal(value, &prefix) != nil || prefix == nil {
				return Request{}, errkind.Errorf(errkind.InvalidInput, `"prefix" must be what the keys begin with`)
			}
			if *prefix != "" {
				request.Prefix = *prefix
			}
		case "dryRun", "resend", "sweep":
			var flag *bool // null would unmarshal as false
			if json.Unmarshal(value, &flag) != nil || flag == nil {
				return Request{}, errkind.Errorf(errkind.InvalidInput, `%q must be true or false`, name)
			}
			switch name {
			case "dryRun":
				request.DryRun = *flag
			case "resend":
				request.Resend = *flag
			default:
				request.Waits = !*flag
			}
		default:
			return Request{}, errkind.Errorf(errkind.InvalidInput,
				`unknown field %q: the input may have "key" or "prefix", "dryRun" and "resend"`, name)
		}
	}
	return request, request.check(source, fields)
}

func (r Request) check(source Source, fields map[string]json.RawMessage) error {
	_, hasPrefix := fields["prefix"]
	switch {
	case r.Key != "" && hasPrefix:
		return errkind.Errorf(errkind.InvalidInput, `"key" and "prefix" are given: take one of them away`)
	case !strings.HasPrefix(r.Key, source.Prefix) && r.Key != "":
		return errkind.Errorf(errkind.InvalidInput, `the key %q is not under %q, which is what is sent`, r.Key, source.Prefix)
	case !strings.HasPrefix(r.Prefix, source.Prefix):
		return errkind.Errorf(errkind.InvalidInput, `the prefix %q is not under %q, which is what is sent`, r.Prefix, source.Prefix)
	case !r.Waits && (r.Key != "" || r.DryRun || r.Resend || r.Prefix != source.Prefix):
		return errkind.Errorf(errkind.InvalidInput, `"sweep" is for all objects: take the other fields away`)
	}
	return nil
}

// parseEvent parses an EventBridge event of S3. Its run is about all objects, because it
// may stand for many events. It ignores unknown fields, because AWS may add some.
func parseEvent(input json.RawMessage, source Source) (Request, error) {
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
	if bucket, key := event.Detail.Bucket.Name, event.Detail.Object.Key; bucket != source.Bucket || !strings.HasPrefix(key, source.Prefix) {
		return Request{}, errkind.Errorf(errkind.InvalidInput,
			"the event is about s3://%s/%s; only objects under s3://%s/%s are sent", bucket, key, source.Bucket, source.Prefix)
	}
	return Request{Prefix: source.Prefix}, nil
}
