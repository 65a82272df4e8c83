package faults

import (
	"bytes"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Kind is a way in which a request goes wrong.
type Kind string

// The kinds. Those whose names end in "after" come after the server has done what the
// request asks.
const (
	InternalError      Kind = "500"
	InternalErrorAfter Kind = "500 after"
	Unavailable        Kind = "503"
	TooManyRequests    Kind = "429"
	Unauthorized       Kind = "401"
	// Redirect leads to an address where nothing answers.
	Redirect Kind = "redirect"
	// Reset breaks the connection.
	Reset      Kind = "reset"
	ResetAfter Kind = "reset after"
	// Cut breaks the connection after half of the server's response.
	Cut Kind = "cut after"
	// HTML is a page, with status 200, and JSON an object that says nothing.
	HTML      Kind = "HTML"
	HTMLAfter Kind = "HTML after"
	JSON      Kind = "JSON"
	JSONAfter Kind = "JSON after"
	// Slow is the server's response, a second late.
	Slow Kind = "slow"
)

// slowness is less than any client's timeout: what comes later is like ResetAfter to
// the client.
const slowness = time.Second

var (
	// All are all kinds.
	All = []Kind{
		InternalError, InternalErrorAfter, Unavailable, TooManyRequests, Unauthorized, Redirect, Reset, ResetAfter, Cut,
		HTML, HTMLAfter, JSON, JSONAfter, Slow,
	}
	// AWS are the kinds without those of something else that answers in the server's
	// place: clients know AWS by its certificate, and nothing in an answer to PutObject
	// would tell the difference.
	AWS = []Kind{
		InternalError, InternalErrorAfter, Unavailable, TooManyRequests, Unauthorized, Redirect, Reset, ResetAfter, Cut,
		HTMLAfter, JSONAfter, Slow,
	}
)

const (
	page   = "<!DOCTYPE html><title>Sign in</title><p>Please sign in."
	object = `{"status":"ok"}`
)

// respond is what each kind does.
var respond = map[Kind]func(w http.ResponseWriter, r *http.Request, server http.Handler){
	InternalError:      instead(http.StatusInternalServerError, nil, "text/plain", "Internal Server Error"),
	InternalErrorAfter: after(instead(http.StatusInternalServerError, nil, "text/plain", "Internal Server Error")),
	Unavailable:        instead(http.StatusServiceUnavailable, nil, "text/plain", "Service Unavailable"),
	TooManyRequests:    instead(http.StatusTooManyRequests, http.Header{"Retry-After": {"1"}}, "text/plain", "Too Many Requests"),
	Unauthorized:       instead(http.StatusUnauthorized, nil, "text/plain", "Unauthorized"),
	Redirect:           instead(http.StatusTemporaryRedirect, http.Header{"Location": {"http://127.0.0.1:1/elsewhere"}}, "text/plain", ""),
	Reset:              reset,
	ResetAfter:         after(reset),
	Cut:                cut,
	HTML:               instead(http.StatusOK, nil, "text/html", page),
	HTMLAfter:          after(instead(http.StatusOK, nil, "text/html", page)),
	JSON:               instead(http.StatusOK, nil, "application/json", object),
	JSONAfter:          after(instead(http.StatusOK, nil, "application/json", object)),
	Slow:               slow,
}

func instead(status int, header http.Header, contentType, body string) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		maps.Copy(w.Header(), header)
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// after returns a fault that comes when the server has responded.
func after(fault func(http.ResponseWriter, *http.Request, http.Handler)) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, server http.Handler) {
		server.ServeHTTP(&response{header: http.Header{}}, r)
		fault(w, r, server)
	}
}

// reset ends the connection with a TCP reset.
func reset(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}

func cut(w http.ResponseWriter, r *http.Request, server http.Handler) {
	whole := &response{header: http.Header{}, status: http.StatusOK}
	server.ServeHTTP(whole, r)
	maps.Copy(w.Header(), whole.header)
	if whole.body.Len() > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(whole.body.Len()))
	}
	w.WriteHeader(whole.status)
	_, _ = w.Write(whole.body.Bytes()[:whole.body.Len()/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler) // ends the connection
}

func slow(w http.ResponseWriter, r *http.Request, server http.Handler) {
	select {
	case <-time.After(slowness):
		server.ServeHTTP(w, r)
	case <-r.Context().Done():
	}
}

// response is a server's response, kept back.
type response struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *response) Header() http.Header         { return r.header }
func (r *response) WriteHeader(status int)      { r.status = status }
func (r *response) Write(b []byte) (int, error) { return r.body.Write(b) }
