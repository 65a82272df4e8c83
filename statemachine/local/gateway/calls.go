package gateway

import (
	"maps"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// Call is one kind of request to AWS.
type Call struct {
	// Service is the name that requests are signed for: s3, iam, ssm, states, …
	Service string
	// Action is the operation's name, such as GetAccountAuthorizationDetails. For
	// a REST service it is the method and path.
	Action string
	// Caller is the function that sent the request, and empty for other clients.
	Caller string
}

// Counter counts requests by call. It is safe for concurrent use.
type Counter struct {
	caller func(accessKeyID string) string

	mu    sync.Mutex
	calls map[Call]int
}

// NewCounter returns a counter that asks caller for the function to which an
// access key belongs, or "".
func NewCounter(caller func(accessKeyID string) string) *Counter {
	return &Counter{caller: caller, calls: map[Call]int{}}
}

// Total returns the number of each call since the start or the last Reset.
func (c *Counter) Total() map[Call]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.calls)
}

// Reset sets all counts to zero.
func (c *Counter) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.calls)
}

// count counts a request and returns its call.
func (c *Counter) count(r *http.Request, body []byte) Call {
	call, accessKeyID := parseCall(r, body)
	call.Caller = c.caller(accessKeyID)

	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[call]++
	return call
}

// credential is the scope in a signature of version 4:
// Credential=<access key id>/<date>/<region>/<service>/aws4_request.
var credential = regexp.MustCompile(`Credential=([^/]+)/[^/]+/[^/]+/([^/]+)/aws4_request`)

// parseCall returns a request's call, without its caller, and the access key id
// that signed it.
func parseCall(r *http.Request, body []byte) (call Call, accessKeyID string) {
	signed := r.Header.Get("Authorization")
	if signed == "" {
		signed = "Credential=" + r.URL.Query().Get("X-Amz-Credential")
	}
	if m := credential.FindStringSubmatch(signed); m != nil {
		accessKeyID, call.Service = m[1], m[2]
	}
	contentType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch target := r.Header.Get("X-Amz-Target"); {
	case target != "":
		call.Action = target[strings.LastIndexByte(target, '.')+1:]
	case contentType == "application/x-www-form-urlencoded":
		form, _ := url.ParseQuery(string(body)) // What is not valid, moto refuses.
		call.Action = form.Get("Action")
	default:
		call.Action = r.Method + " " + r.URL.Path
	}
	return call, accessKeyID
}
