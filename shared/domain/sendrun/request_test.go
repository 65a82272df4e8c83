package sendrun_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/sendrun"
)

var source = sendrun.Source{Bucket: "outgoing", Prefix: "out/"}

func event(bucket, key string) string {
	return fmt.Sprintf(`{"source":"aws.s3","detail-type":"Object Created","detail":{"bucket":{"name":%q},"object":{"key":%q,"size":1}}}`, bucket, key)
}

func TestParseRequest(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, give string
		want       sendrun.Request
	}{
		{"all", `{}`, sendrun.Request{Prefix: "out/", Waits: true}},
		{"one", `{"key":"out/a+b"}`, sendrun.Request{Key: "out/a+b", Prefix: "out/", Waits: true}},
		{"some, each once", `{"keys":["out/b","out/a","out/b"]}`, sendrun.Request{Keys: []string{"out/a", "out/b"}, Prefix: "out/", Waits: true}},
		{"a longer prefix", `{"prefix":"out/2026/"}`, sendrun.Request{Prefix: "out/2026/", Waits: true}},
		{"an empty prefix", `{"prefix":""}`, sendrun.Request{Prefix: "out/", Waits: true}},
		{"dry run", `{"dryRun":true,"resend":true}`, sendrun.Request{Prefix: "out/", DryRun: true, Resend: true, Waits: true}},
		{"the schedule", `{"sweep":true}`, sendrun.Request{Prefix: "out/", Sweep: true}},
		{"an upload", event("outgoing", "out/a b"), sendrun.Request{Prefix: "out/"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := sendrun.ParseRequest(json.RawMessage(tt.give), source)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestParseRequestReturnsInvalidInput(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, give, want string }{
		{"nothing", ``, "must be a JSON object"},
		{"null", `null`, "must be a JSON object"},
		{"an unknown field", `{"files":["a"]}`, `unknown field "files"`},
		{"no keys, which must not mean all", `{"keys":[]}`, `"keys" must be`},
		{"an empty key among others", `{"keys":["out/a",""]}`, `"keys" must be`},
		{"a key elsewhere among others", `{"keys":["out/a","in/a"]}`, `"in/a" is not under "out/"`},
		{"keys and a prefix", `{"keys":["out/a"],"prefix":"out/"}`, `"keys" and "prefix" are given`},
		{"a sweep of some", `{"sweep":true,"keys":["out/a"]}`, `"sweep" is for all`},
		{"an empty key, which must not mean all", `{"key":""}`, `"key" must be`},
		{"null as the prefix", `{"prefix":null}`, `"prefix" must be`},
		{"a flag that is null", `{"dryRun":null}`, `"dryRun" must be true or false`},
		{"a key elsewhere", `{"key":"in/a"}`, `not under "out/"`},
		{"a prefix elsewhere", `{"prefix":"ou"}`, `not under "out/"`},
		{"key and prefix", `{"key":"out/a","prefix":"out/"}`, "give only one of them"},
		{"a sweep of one", `{"sweep":true,"key":"out/a"}`, `"sweep" is for all`},
		{"another bucket", event("other", "out/a"), "s3://other/out/a"},
		{"another prefix", event("outgoing", "in/a"), "s3://outgoing/in/a"},
		{"another event", `{"source":"aws.s3","detail-type":"Object Deleted","detail":{}}`, "Object Deleted"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := sendrun.ParseRequest(json.RawMessage(tt.give), source)
			require.ErrorContains(t, err, tt.want)
			assert.Equal(t, errkind.InvalidInput, errkind.Of(err))
		})
	}
}
