package sftpgo

import (
	"bytes"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"sync"
	"time"
)

// Route is a kind of request to SFTPGo.
type Route struct {
	Method string
	// Path is the request's path with {name} in place of a record's name.
	Path string
}

// Request is a request that came through the proxy.
type Request struct {
	Route
	// URL is what was asked for, its path as it was escaped.
	URL string
	// Body is what was sent.
	Body []byte
	// Status is what was answered.
	Status int
}

// Proxy stands in front of SFTPGo. It is safe for concurrent use.
type Proxy struct {
	// URL is the proxy's address.
	URL string

	server  *url.URL
	forward *httputil.ReverseProxy
	http    *http.Server

	mu       sync.Mutex
	calls    map[Route]int
	faults   []*fault
	record   bool
	requests []Request

	litter litter
}

func newProxy(server *url.URL, errlog *log.Logger) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{
		URL:    "http://" + listener.Addr().String(),
		server: server,
		calls:  map[Route]int{},
	}
	p.forward = &httputil.ReverseProxy{
		// The web admin makes its links from the host it was asked for.
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(server)
			r.Out.Host = r.In.Host
		},
		ModifyResponse: addFields,
		ErrorLog:       errlog,
	}
	p.http = &http.Server{Handler: p, ReadHeaderTimeout: 5 * time.Second, ErrorLog: errlog}
	go func() { _ = p.http.Serve(listener) }()
	return p, nil
}

// Calls returns how often each route was asked for since the start or the last
// Reset.
func (p *Proxy) Calls() map[Route]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.calls)
}

// Requests returns the requests since Record, in the order they were answered.
func (p *Proxy) Requests() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.requests)
}

// Record begins to keep requests with their bodies, secrets included.
func (p *Proxy) Record() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.record = true
}

// Reset forgets calls, requests and faults, and records no longer.
func (p *Proxy) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.calls)
	p.requests, p.faults, p.record = nil, nil, false
}

func (p *Proxy) close() { _ = p.http.Close() }

// ServeHTTP answers as SFTPGo does, but for the faults.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	route := Route{Method: r.Method, Path: routePath(r.URL.EscapedPath())}
	p.litter.note(route, body)

	answer := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	if f := p.next(route); f == nil || !f.answer(answer, r) {
		p.forward.ServeHTTP(answer, withFields(r, f))
	}

	p.mu.Lock()
	defer p.mu.Unlock()
	if p.record {
		p.requests = append(p.requests, Request{Route: route, URL: r.URL.String(), Body: body, Status: answer.status})
	}
}

// next counts the call and takes the first fault that is meant for it.
func (p *Proxy) next(route Route) *fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls[route]++
	for i, f := range p.faults {
		if !f.matches(route) {
			continue
		}
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				p.faults = slices.Delete(slices.Clone(p.faults), i, i+1)
			}
		}
		return f
	}
	return nil
}

// record is the path of a record that has a name.
var record = regexp.MustCompile(`^(/api/v2/(?:users|folders|groups|admins|connections)/)[^/]+`)

func routePath(path string) string { return record.ReplaceAllString(path, "${1}{name}") }

// statusWriter remembers the status.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets the reverse proxy flush.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
