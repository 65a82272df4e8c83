// Package run defines what a run consists of: its request, its users, their
// results, its report, and its execution.
package run

import (
	"encoding/json"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/runinput"
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
	// AcceptLosses lets the run take access from any number of people.
	AcceptLosses bool
	// ChangedOnly asks for those users alone whose memberships, buckets or keys differ
	// from what the last runs saw, or whose last sync failed.
	ChangedOnly bool
	// Trigger is the uploaded object that started the run, if one did.
	Trigger *Object
}

// ParseRequest parses an execution's input: `{}`, `{"username":"alice"}`,
// `{"dryRun":true}`, `{"refreshKeys":true}`, `{"acceptLosses":true}`, any of them together,
// `{"changedOnly":true}` with "dryRun" or "acceptLosses", or the S3 event of a TRIGGER
// uploaded to the managed bucket. It returns InvalidInput for anything else, with a text
// that names the field and its valid values.
func ParseRequest(input json.RawMessage, managedBucket string) (Request, error) {
	fields, err := runinput.Fields(input, `{}, {"username":"alice"} or {"dryRun":true}`)
	if err != nil {
		return Request{}, err
	}
	if runinput.IsEvent(fields) {
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
		default:
			flag, ok := request.flags()[name]
			if !ok {
				return Request{}, errkind.Errorf(errkind.InvalidInput,
					`unknown field %q: the input may have "username", "dryRun", "refreshKeys", "acceptLosses" and "changedOnly"`, name)
			}
			if *flag, err = runinput.Flag(name, value); err != nil {
				return Request{}, err
			}
		}
	}
	return request, request.checkChangedOnly()
}

// flags returns the fields that are true or false, by their names in the input.
func (r *Request) flags() map[string]*bool {
	return map[string]*bool{
		"dryRun": &r.DryRun, "refreshKeys": &r.RefreshKeys, "acceptLosses": &r.AcceptLosses, "changedOnly": &r.ChangedOnly,
	}
}

// checkChangedOnly returns InvalidInput for what contradicts ChangedOnly.
func (r *Request) checkChangedOnly() error {
	switch {
	case r.ChangedOnly && r.Username != "":
		return errkind.Errorf(errkind.InvalidInput,
			`"changedOnly" finds out itself whom to sync; leave it out to sync %s alone`, r.Username)
	case r.ChangedOnly && r.RefreshKeys:
		return errkind.Errorf(errkind.InvalidInput,
			`"refreshKeys" is about everybody's keys; leave out "changedOnly" to write them all`)
	}
	return nil
}

// parseEvent parses the event of an uploaded TRIGGER.
func parseEvent(input json.RawMessage, managedBucket string) (Request, error) {
	bucket, key, err := runinput.ObjectCreated(input)
	if err != nil {
		return Request{}, err
	}
	object := Object{Bucket: bucket, Key: key}
	if want := (Object{Bucket: managedBucket, Key: TriggerKey}); object != want {
		return Request{}, errkind.Errorf(errkind.InvalidInput,
			"the event is about s3://%s/%s; only s3://%s/%s starts a run", object.Bucket, object.Key, want.Bucket, want.Key)
	}
	return Request{Trigger: &object}, nil
}
