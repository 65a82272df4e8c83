// Package gateway is the endpoint of all AWS services on the laptop. It forwards
// requests to moto, has Lambda's Invoke and what Delegate names answered by the laptop's
// own parts if moto authorizes it, and counts calls and their callers.
package gateway

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"sync/atomic"
)

// invocation is the path of Lambda's Invoke: API_Invoke of the Lambda API
// reference.
var invocation = regexp.MustCompile(`^/2015-03-31/functions/([^/]+)/invocations$`)

// Invoker answers Lambda's Invoke for a function's name or ARN.
type Invoker interface {
	Invoke(w http.ResponseWriter, r *http.Request, function string)
}

// Gateway is an http.Handler for all AWS services.
type Gateway struct {
	calls   *Counter
	invoker Invoker
	moto    http.Handler

	delegates   map[Call]http.Handler
	interceptor atomic.Pointer[Interceptor]
}

// Interceptor handles a request in place of AWS, to which it may hand it on.
type Interceptor func(call Call, w http.ResponseWriter, r *http.Request, aws http.Handler)

// Intercept has every request that a function sends handled by the interceptor,
// until it is removed. Requests of other clients go on as ever.
func (g *Gateway) Intercept(interceptor Interceptor) (remove func()) {
	g.interceptor.Store(&interceptor)
	return func() { g.interceptor.CompareAndSwap(&interceptor, nil) }
}

// Delegate has the handler answer requests for operations of a service, if moto
// authorizes them, which it does with status 204. It must be called before the first request.
func (g *Gateway) Delegate(service string, handler http.Handler, operations ...string) {
	for _, operation := range operations {
		g.delegates[Call{Service: service, Action: operation}] = authorized{moto: g.moto, handler: handler}
	}
}

// New returns a gateway to moto's address. Its own failures are logged to
// errlog.
func New(moto *url.URL, invoker Invoker, calls *Counter, errlog *log.Logger) *Gateway {
	return &Gateway{
		calls:     calls,
		invoker:   invoker,
		delegates: map[Call]http.Handler{},
		moto: &httputil.ReverseProxy{
			// Signatures cover the host, and S3 may have a bucket in it.
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(moto)
				r.Out.Host = r.In.Host
			},
			// httptest closes the connections of http.DefaultTransport.
			Transport:     new(http.Transport),
			FlushInterval: -1,
			ErrorLog:      errlog,
			ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
				// A client that left is no error.
				if r.Context().Err() == nil {
					errlog.Printf("%s %s: %v", r.Method, r.URL.Path, err)
				}
				w.WriteHeader(http.StatusBadGateway)
			},
		},
	}
}

// ServeHTTP counts a request, and forwards it or has its function invoked.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// All of it, because the server closes the body when the response begins, which
	// may be before the proxy has read the end.
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	call := g.calls.count(r, body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	if m := invocation.FindStringSubmatch(r.URL.Path); m != nil && r.Method == http.MethodPost {
		authorized{moto: g.moto, handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			g.invoker.Invoke(w, r, m[1])
		})}.ServeHTTP(w, r)
		return
	}
	answer := g.moto
	if delegate, ok := g.delegates[Call{Service: call.Service, Action: call.Action}]; ok {
		answer = delegate
	}
	if interceptor := g.interceptor.Load(); interceptor != nil && call.Caller != "" {
		(*interceptor)(call, w, r, answer)
		return
	}
	answer.ServeHTTP(w, r)
}

// authorized has the handler answer a request if moto authorizes it.
type authorized struct{ moto, handler http.Handler }

func (a authorized) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	authorization := &authorizationWriter{ResponseWriter: w}
	a.moto.ServeHTTP(authorization, r)
	if authorization.granted {
		r.Body = io.NopCloser(bytes.NewReader(body))
		a.handler.ServeHTTP(w, r)
	}
}

// authorizationWriter passes moto's response on, unless it is status 204, by which moto
// authorizes the caller.
type authorizationWriter struct {
	http.ResponseWriter
	granted bool
}

func (w *authorizationWriter) WriteHeader(status int) {
	if w.granted = status == http.StatusNoContent; !w.granted {
		w.ResponseWriter.WriteHeader(status)
	}
}
