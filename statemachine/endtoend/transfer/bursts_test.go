package transfer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/statemachine/local/gateway"
)

// burst is more requests than one invocation of a function sends for a call.
const burst = 6

// TestBursts has Transfer refuse requests for each of four people, of each of the two
// operations and for each of the two reasons that pass with time.
func TestBursts(t *testing.T) {
	faults := map[string]fault{
		"throttled":   {"DescribeUser", "ThrottlingException", http.StatusBadRequest},
		"unavailable": {"DescribeUser", "ServiceUnavailableException", http.StatusInternalServerError},
		"slow":        {"UpdateUser", "ThrottlingException", http.StatusBadRequest},
		"broken":      {"UpdateUser", "ServiceUnavailableException", http.StatusInternalServerError},
	}
	people := map[string]person{}
	for username := range faults {
		people[username] = newMember(t, username, prodUsers)
	}
	var mu sync.Mutex
	refused := map[string]int{}
	// next returns the fault of a request for a Transfer user; false for none.
	next := func(operation, name string) (fault, bool) {
		mu.Lock()
		defer mu.Unlock()
		for username, f := range faults {
			if operation == f.operation && name == email(username) && refused[username] < burst {
				refused[username]++
				return f, true
			}
		}
		return fault{}, false
	}
	defer cloud.AWSGateway.Intercept(func(call gateway.Call, w http.ResponseWriter, r *http.Request, aws http.Handler) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		var request struct{ UserName string }
		_ = json.Unmarshal(body, &request) // Other services' requests have no users.
		if f, ok := next(call.Action, request.UserName); ok {
			f.answer(w)
			return
		}
		aws.ServeHTTP(w, r)
	})()

	runFor(t, `{}`)

	mu.Lock()
	defer mu.Unlock()
	for username, p := range people {
		assert.Equal(t, burst, refused[username], username)
		assert.Equal(t, mapped(prodBuckets...), p.sees(t), username)
	}
}

// fault is a reason for which Transfer refuses an operation.
type fault struct {
	operation, code string
	status          int
}

func (f fault) answer(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(f.status)
	_, _ = fmt.Fprintf(w, `{"__type":%q,"Message":"for the test"}`, f.code)
}
