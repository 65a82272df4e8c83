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
	"sync"
	"sync/atomic"
	"time"
)

// Route is a kind of request to SFTPGo.
type Route struct {
	Method string
	// Path is the request's path with {name} in place of a record's name.
	Path string
}

// Proxy forwards requests to SFTPGo. It is safe for concurrent use.
type Proxy struct {
	// URL is the proxy's address, DirectURL that of SFTPGo itself, where nothing
	// is counted and nothing fails on purpose.
	URL, DirectURL string

	listener net.Listener
	errlog   *log.Logger
	forward  httputil.ReverseProxy
	http     *http.Server

	mu    sync.Mutex
	calls map[Route]int
	// directories are local directories of virtual folders.
	directories []string

	interceptor atomic.Pointer[Interceptor]
}

// newProxy returns a proxy with its URL; requests wait until serve is called.
func newProxy(errlog *log.Logger) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{URL: "http://" + listener.Addr().String(), listener: listener, errlog: errlog, calls: map[Route]int{}}
	p.http = &http.Server{Handler: p, ReadHeaderTimeout: 5 * time.Second, ErrorLog: errlog}
	return p, nil
}

// serve begins to forward requests to a host and port.
func (p *Proxy) serve(host string) {
	server := &url.URL{Scheme: "http", Host: host}
	p.DirectURL = server.String()
	p.forward = httputil.ReverseProxy{
		// The web admin makes its links from the host it was asked for.
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(server)
			r.Out.Host = r.In.Host
			// So that an interceptor can change the response.
			r.Out.Header.Del("Accept-Encoding")
		},
		// httptest closes the connections of http.DefaultTransport.
		Transport: new(http.Transport),
		ErrorLog:  p.errlog,
	}
	go func() { _ = p.http.Serve(p.listener) }()
}

func (p *Proxy) close() {
	_ = p.http.Close()
	_ = p.listener.Close() // It is not the server's before serve.
}

// Calls returns the number of requests to each route since the start or the last
// Reset.
func (p *Proxy) Calls() map[Route]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.calls)
}

// Reset forgets calls, and removes the interceptor.
func (p *Proxy) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.calls)
	p.interceptor.Store(nil)
}

// ServeHTTP counts a request and forwards it, unless it is intercepted.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	p.note(routeOf(r), body)
	if interceptor := p.interceptor.Load(); interceptor != nil {
		(*interceptor)(w, r, &p.forward)
		return
	}
	p.forward.ServeHTTP(w, r)
}

// note counts a request, and keeps the local directory of a virtual folder that it
// creates.
func (p *Proxy) note(route Route, body []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls[route]++
	p.noteDirectory(route, body)
}

// recordPath is the path of a record that has a name.
var recordPath = regexp.MustCompile(`^(/api/v2/(?:users|folders|groups|admins|connections)/)[^/]+`)

func routeOf(r *http.Request) Route {
	return Route{r.Method, recordPath.ReplaceAllString(r.URL.EscapedPath(), "${1}{name}")}
}
