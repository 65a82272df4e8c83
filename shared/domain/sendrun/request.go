// Package sendrun is a run of send-files: which objects it is about, in which order runs
// follow one another, and what they leave. Sending one object is package sendfile's.
package sendrun

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/runinput"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

// Source is where the objects are that are sent.
type Source struct {
	Bucket, Prefix string
}

// Request is the parsed input of a run.
type Request struct {
	// Key is the only object, and Keys are some, in order; both are empty for all objects under
	// Prefix.
	Key  string
	Keys []string
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
	// Sweep is whether the schedule has started the run.
	Sweep bool
}

// isNamed reports whether the request asks for objects by their keys.
func (r Request) isNamed() bool { return r.Key != "" || len(r.Keys) > 0 }

// objects returns the objects that were asked for by their keys, of which no more is known.
func (r Request) objects(source Source) []sendfile.Object {
	keys := r.Keys
	if r.Key != "" {
		keys = []string{r.Key}
	}
	objects := make([]sendfile.Object, len(keys))
	for i, key := range keys {
		objects[i] = sendfile.Object{Bucket: source.Bucket, Key: key}
	}
	return objects
}

// ParseRequest parses an execution's input: `{}` or `{"prefix":"…"}` for all objects,
// `{"key":"…"}` for one, `{"keys":["…"]}` for some, each also with `"dryRun":true` or `"resend":true`; `{"sweep":true}`,
// which is the schedule's; or the S3 event of an upload. It returns InvalidInput for
// anything else.
func ParseRequest(input json.RawMessage, source Source) (Request, error) {
	fields, err := runinput.Fields(input, fmt.Sprintf(`{}, {"key":"%[1]sreport.csv"} or {"prefix":"%[1]s"}`, source.Prefix))
	if err != nil {
		return Request{}, err
	}
	if runinput.IsEvent(fields) {
		return parseEvent(input, source)
	}
	request := Request{Prefix: source.Prefix, Waits: true}
	for name, value := range fields {
		switch name {
		case "key":
			if json.Unmarshal(value, &request.Key) != nil || request.Key == "" {
				return Request{}, errkind.Errorf(errkind.InvalidInput, `"key" must be the key of an object; leave it out to send all`)
			}
		case "keys":
			if json.Unmarshal(value, &request.Keys) != nil || len(request.Keys) == 0 || slices.Contains(request.Keys, "") {
				return Request{}, errkind.Errorf(errkind.InvalidInput, `"keys" must be a list of keys of objects; leave it out to send all`)
			}
			slices.Sort(request.Keys)
			request.Keys = slices.Compact(request.Keys)
		case "prefix":
			var prefix *string
			if json.Unmarshal(value, &prefix) != nil || prefix == nil {
				return Request{}, errkind.Errorf(errkind.InvalidInput, `"prefix" must be what the keys begin with`)
			}
			if *prefix != "" {
				request.Prefix = *prefix
			}
		case "dryRun", "resend", "sweep":
			flag, err := runinput.Flag(name, value)
			if err != nil {
				return Request{}, err
			}
			switch name {
			case "dryRun":
				request.DryRun = flag
			case "resend":
				request.Resend = flag
			default:
				request.Sweep, request.Waits = flag, !flag
			}
		default:
			return Request{}, errkind.Errorf(errkind.InvalidInput,
				`unknown field %q: the input may have "key", "keys" or "prefix", "dryRun" and "resend"`, name)
		}
	}
	return request, request.check(source, fields)
}

func (r Request) check(source Source, fields map[string]json.RawMessage) error {
	var given []string
	for _, name := range []string{"key", "keys", "prefix"} {
		if _, ok := fields[name]; ok {
			given = append(given, strconv.Quote(name))
		}
	}
	keys := r.Keys
	if r.Key != "" {
		keys = []string{r.Key}
	}
	elsewhere := slices.IndexFunc(keys, func(key string) bool { return !strings.HasPrefix(key, source.Prefix) })
	switch {
	case len(given) > 1:
		return errkind.Errorf(errkind.InvalidInput, `%s are given: give only one of them`, strings.Join(given, " and "))
	case elsewhere >= 0:
		return errkind.Errorf(errkind.InvalidInput, `the key %q is not under %q, which is what is sent`, keys[elsewhere], source.Prefix)
	case !strings.HasPrefix(r.Prefix, source.Prefix):
		return errkind.Errorf(errkind.InvalidInput, `the prefix %q is not under %q, which is what is sent`, r.Prefix, source.Prefix)
	case !r.Waits && (r.isNamed() || r.DryRun || r.Resend || r.Prefix != source.Prefix):
		return errkind.Errorf(errkind.InvalidInput, `"sweep" is for all objects: take the other fields away`)
	}
	return nil
}

// parseEvent parses the event of an upload. Its run is about all objects, because it may
// stand for many events.
func parseEvent(input json.RawMessage, source Source) (Request, error) {
	bucket, key, err := runinput.ObjectCreated(input)
	if err != nil {
		return Request{}, err
	}
	if bucket != source.Bucket || !strings.HasPrefix(key, source.Prefix) {
		return Request{}, errkind.Errorf(errkind.InvalidInput,
			"the event is about s3://%s/%s; only objects under s3://%s/%s are sent", bucket, key, source.Bucket, source.Prefix)
	}
	return Request{Prefix: source.Prefix}, nil
}
