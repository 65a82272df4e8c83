package transfer

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// isOwnPolicy reports whether this program wrote a session policy: every statement has
// one of its ids. A policy with another statement is an administrator's.
func isOwnPolicy(text string) bool {
	var document struct{ Statement oneOrMore }
	if json.Unmarshal([]byte(text), &document) != nil || len(document.Statement) == 0 {
		return false
	}
	return !slices.ContainsFunc(document.Statement, func(raw json.RawMessage) bool {
		var s struct{ Sid string }
		return json.Unmarshal(raw, &s) != nil || !strings.HasPrefix(s.Sid, ownSid)
	})
}

// samePolicy reports whether two policies mean the same, however they are written.
func samePolicy(a, b string) bool {
	if a == b {
		return true
	}
	var documentA, documentB any
	return json.Unmarshal([]byte(a), &documentA) == nil && json.Unmarshal([]byte(b), &documentB) == nil &&
		reflect.DeepEqual(normalize(documentA), normalize(documentB))
}

// normalize returns a part of a policy with sets in order, and a single value in place
// of a set as a set of one
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html).
func normalize(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for name, part := range v {
			v[name] = normalize(part)
			_, isSet := v[name].([]any)
			if !isSet && slices.Contains([]string{"Statement", "Action", "NotAction", "Resource", "NotResource"}, name) {
				v[name] = []any{v[name]}
			}
		}
	case []any:
		for i := range v {
			v[i] = normalize(v[i])
		}
		slices.SortFunc(v, func(a, b any) int { return bytes.Compare(encode(a), encode(b)) })
		return slices.CompactFunc(v, reflect.DeepEqual)
	}
	return value
}

func encode(value any) []byte {
	text, _ := json.Marshal(value) // It has been decoded from JSON.
	return text
}

// oneOrMore is a JSON array, or a single element in place of it.
type oneOrMore []json.RawMessage

func (o *oneOrMore) UnmarshalJSON(text []byte) error {
	var list []json.RawMessage
	if json.Unmarshal(text, &list) != nil {
		list = []json.RawMessage{text}
	}
	*o = list
	return nil
}
