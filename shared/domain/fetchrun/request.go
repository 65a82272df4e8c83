package fetchrun

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/fetchconfig"
)

// Request is the parsed input of a run.
type Request struct {
	// Sync is the name of the only sync; empty for all.
	Sync string `json:"sync,omitempty"`
	// DryRun asks for a report of what would be fetched.
	DryRun bool `json:"dryRun,omitempty"`
	// From leaves files alone that were modified before it, and has those fetched again
	// whose objects were deleted; nil for none.
	From *time.Time `json:"from,omitempty"`
	// Again are the paths of files that are fetched although they are on record, or with a
	// slash at the end, of folders.
	Again []string `json:"again,omitempty"`
	// Scheduled leaves out syncs for which another run fetches, instead of waiting for it.
	Scheduled bool `json:"scheduled,omitempty"`
}

// ParseRequest parses an execution's input: `{}` for all syncs, `{"sync":"…"}` for one, each
// also with `"dryRun":true`, `"FromTimestamp":…` or `"again":["/remote/path","/folder/"]`;
// or the schedule's, `{"sync":"…","scheduled":true}`. FromTimestamp is in seconds since 1970
// or a time such as 2026-11-21T00:00:00Z, in UTC. It returns InvalidInput for anything else.
func ParseRequest(input json.RawMessage, syncs []fetchconfig.Sync) (Request, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(input, &fields); err != nil || fields == nil {
		return Request{}, errkind.Errorf(errkind.InvalidInput, `the input must be a JSON object such as {} or {"sync":%q}`, syncs[0].Name)
	}
	var r Request
	for name, value := range fields {
		switch name {
		case "sync":
			if json.Unmarshal(value, &r.Sync) != nil || r.Sync == "" {
				return Request{}, errkind.Errorf(errkind.InvalidInput, `"sync" must be the name of a sync: %s`, names(syncs))
			}
			if !slices.ContainsFunc(syncs, func(s fetchconfig.Sync) bool { return s.Name == r.Sync }) {
				return Request{}, errkind.Errorf(errkind.InvalidInput, "there is no sync %q; there are %s", r.Sync, names(syncs))
			}
		case "dryRun", "scheduled":
			var flag *bool // null would unmarshal as false
			if json.Unmarshal(value, &flag) != nil || flag == nil {
				return Request{}, errkind.Errorf(errkind.InvalidInput, "%q must be true or false", name)
			}
			if name == "dryRun" {
				r.DryRun = *flag
			} else {
				r.Scheduled = *flag
			}
		case "FromTimestamp":
			from, err := parseTimestamp(value)
			if err != nil {
				return Request{}, err
			}
			r.From = &from
		case "again":
			if json.Unmarshal(value, &r.Again) != nil || len(r.Again) == 0 {
				return Request{}, errkind.Errorf(errkind.InvalidInput, `"again" must be a list of remote paths, those of folders with a slash at the end`)
			}
		default:
			return Request{}, errkind.Errorf(errkind.InvalidInput,
				`unknown field %q: the input may have "sync", "dryRun", "FromTimestamp" and "again"`, name)
		}
	}
	if r.Scheduled && (r.DryRun || r.From != nil || r.Again != nil) {
		return Request{}, errkind.Errorf(errkind.InvalidInput, `"scheduled" is for the schedule: take it away`)
	}
	return r, nil
}

func parseTimestamp(value json.RawMessage) (time.Time, error) {
	var seconds float64
	if string(value) != "null" && json.Unmarshal(value, &seconds) == nil {
		return time.Unix(int64(seconds), 0).UTC(), nil
	}
	var text string
	if json.Unmarshal(value, &text) == nil {
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
			if at, err := time.Parse(layout, text); err == nil {
				return at.UTC(), nil
			}
		}
	}
	return time.Time{}, errkind.Errorf(errkind.InvalidInput,
		`"FromTimestamp" must be a time in UTC such as "2026-11-21T00:00:00Z", or in seconds since 1970`)
}

func names(syncs []fetchconfig.Sync) string {
	var names []string
	for _, sync := range syncs {
		names = append(names, sync.Name)
	}
	return strings.Join(names, ", ")
}

// asksAgain reports whether a file is to be fetched although it is on record.
func (r Request) asksAgain(path string) bool {
	for _, again := range r.Again {
		if path == again || strings.HasSuffix(again, "/") && strings.HasPrefix(path, again) {
			return true
		}
	}
	return false
}
