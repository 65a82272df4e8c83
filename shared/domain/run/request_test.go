package run_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

const managed = "digipres-dev1-managed"

func event(source, detailType, bucket, key string) string {
	return `{"version":"0","source":"` + source + `","detail-type":"` + detailType + `","region":"eu-west-1",` +
		`"detail":{"version":"0","bucket":{"name":"` + bucket + `"},"object":{"key":"` + key + `","size":0}}}`
}

func TestParseRequest(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, give string
		want       run.Request
	}{
		{"all users", `{}`, run.Request{}},
		{"one user", `{"username":"alice+x@y"}`, run.Request{Username: "alice+x@y"}},
		{"dry run", `{"dryRun":true}`, run.Request{DryRun: true}},
		{"dry run of one user", `{"dryRun":true,"username":"alice"}`, run.Request{DryRun: true, Username: "alice"}},
		{"no dry run", `{"dryRun":false}`, run.Request{}},
		{"refresh of the keys", `{"refreshKeys":true}`, run.Request{RefreshKeys: true}},
		{"all together", `{"refreshKeys":true,"dryRun":true,"username":"alice"}`, run.Request{RefreshKeys: true, DryRun: true, Username: "alice"}},
		{"accepted losses", `{"acceptLosses":true}`, run.Request{AcceptLosses: true}},
		{"those who changed", `{"changedOnly":true}`, run.Request{ChangedOnly: true}},
		{"those who changed, with what goes with it", `{"changedOnly":true,"dryRun":true,"acceptLosses":true}`,
			run.Request{ChangedOnly: true, DryRun: true, AcceptLosses: true}},
		{"not only those who changed", `{"changedOnly":false,"username":"alice"}`, run.Request{Username: "alice"}},
		{"upload", event("aws.s3", "Object Created", managed, run.TriggerKey),
			run.Request{Trigger: &run.Object{Bucket: managed, Key: run.TriggerKey}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := run.ParseRequest(json.RawMessage(tt.give), managed)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestParseRequestReturnsInvalidInput(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, give, want string
	}{
		{"nothing", ``, "must be a JSON object"},
		{"null", `null`, "must be a JSON object"},
		{"array", `[1]`, "must be a JSON object"},
		{"text", `"alice"`, "must be a JSON object"},
		{"unknown field", `{"user":"alice"}`, `unknown field "user"`},
		{"a field in other case", `{"Username":"alice"}`, `unknown field "Username"`},
		{"username of another type", `{"username":1}`, `"username" must be`},
		{"empty username, which must not mean all users", `{"username":""}`, `"username" must be`},
		{"null username", `{"username":null}`, `"username" must be`},
		{"dryRun of another type", `{"dryRun":"true"}`, `"dryRun" must be true or false`},
		{"null dryRun", `{"dryRun":null}`, `"dryRun" must be true or false`},
		{"null refreshKeys", `{"refreshKeys":null}`, `"refreshKeys" must be true or false`},
		{"null acceptLosses", `{"acceptLosses":null}`, `"acceptLosses" must be true or false`},
		{"acceptLosses as a number", `{"acceptLosses":50}`, `"acceptLosses" must be true or false`},
		{"changedOnly as text", `{"changedOnly":"true"}`, `"changedOnly" must be true or false`},
		{"changedOnly of one user", `{"changedOnly":true,"username":"alice"}`, `leave it out to sync alice alone`},
		{"changedOnly of all keys", `{"changedOnly":true,"refreshKeys":true}`, `leave out "changedOnly"`},
		{"another bucket", event("aws.s3", "Object Created", "other-org-managed", run.TriggerKey), "about s3://other-org-managed/sync-users/TRIGGER; only s3://digipres-dev1-managed/"},
		{"another key", event("aws.s3", "Object Created", managed, "sync-users/xTRIGGER"), "about s3://digipres-dev1-managed/sync-users/xTRIGGER"},
		{"a deletion", event("aws.s3", "Object Deleted", managed, run.TriggerKey), `"Object Deleted"`},
		{"another source", event("aws.events", "Scheduled Event", managed, run.TriggerKey), `"aws.events"`},
		{"an event of another form", `{"detail-type":1}`, "not an S3 event"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := run.ParseRequest(json.RawMessage(tt.give), managed)
			require.ErrorContains(t, err, tt.want)
			assert.Equal(t, errkind.InvalidInput, errkind.Of(err))
		})
	}
}

// No input causes a panic, and none that has a username is for all users.
func FuzzParseRequest(f *testing.F) {
	for _, seed := range []string{`{}`, `{"username":"a"}`, `{"dryRun":true}`, `[`, event("aws.s3", "Object Created", managed, run.TriggerKey)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input string) {
		request, err := run.ParseRequest(json.RawMessage(input), managed)
		if err != nil {
			return
		}
		var fields map[string]any
		if json.Unmarshal([]byte(input), &fields) != nil {
			t.Fatalf("%q was accepted", input)
		}
		if _, named := fields["username"]; named && request.Trigger == nil && request.Username == "" {
			t.Fatalf("%q is for all users", input)
		}
	})
}
