package sftpgo

import (
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Interceptor handles a request in place of the server, to which it may hand it on.
type Interceptor func(w http.ResponseWriter, r *http.Request, server http.Handler)

// Intercept has every request handled by the interceptor, in place of the one before,
// until it is removed.
func (p *Proxy) Intercept(interceptor Interceptor) (remove func()) {
	p.interceptor.Store(&interceptor)
	return func() { p.interceptor.CompareAndSwap(&interceptor, nil) }
}

// Fault replaces or delays SFTPGo's responses.
type Fault struct {
	// Method and Path say which requests: those of the Route. "" is any.
	Method, Path string
	// Times is how many requests it concerns; 0 is all, until it is removed.
	Times int

	// Delay comes before the response. It ends early when the fault is removed.
	Delay time.Duration
	// Status, unless it is 0, is the response in place of SFTPGo's, with Body.
	Status int
	Body   string
}

// Inject intercepts requests with a fault.
func (p *Proxy) Inject(f Fault) (remove func()) {
	removed := make(chan struct{})
	var requests atomic.Int64
	stop := p.Intercept(func(w http.ResponseWriter, r *http.Request, server http.Handler) {
		route := routeOf(r)
		if f.Method != "" && f.Method != route.Method || f.Path != "" && f.Path != route.Path ||
			requests.Add(1) > int64(f.Times) && f.Times > 0 {
			server.ServeHTTP(w, r)
			return
		}
		select {
		case <-time.After(f.Delay):
		case <-removed:
		case <-r.Context().Done():
			return
		}
		if f.Status == 0 {
			server.ServeHTTP(w, r)
			return
		}
		w.WriteHeader(f.Status)
		_, _ = io.WriteString(w, f.Body)
	})
	return sync.OnceFunc(func() {
		stop()
		close(removed)
	})
}
