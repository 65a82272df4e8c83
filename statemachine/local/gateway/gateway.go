// Package gateway is the one address of the laptop's AWS. It hands Lambda's
// Invoke, when moto has nothing against it, to the laptop's own functions and
// everything else to moto, and counts what was asked for and by whom.
package gateway

import (
	"errors"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
)

// invocation is the path of Lambda's Invoke: API_Invoke of the Lambda API
// reference.
var invocation = regexp.MustCompile(`^/2015-03-31/functions/([^/]+)/invocations$`)

// Invoker answers Lambda's Invoke for a function's name or ARN.
type Invoker interface {
	Invoke(w http.ResponseWriter, r *http.Request, function string)
}

// Gateway is an http.Handler that speaks for all of AWS.
type Gateway struct {
	Calls   *Counter
	invoker Invoker
	moto    http.Handler
}

// New returns a gateway to moto's address. Its own failures are logged to
// errlog.
func New(moto *url.URL, invoker Invoker, calls *Counter, errlog *log.Logger) *Gateway {
	return &Gateway{
		Calls:   calls,
		invoker: invoker,
		moto: &httputil.ReverseProxy{
			// Signatures cover the host, and S3 may have a bucket in it.
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(moto)
				r.Out.Host = r.In.Host
			},
			FlushInterval: -1,
			ErrorLog:      errlog,
			ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
				// The client left: nobody reads an answer.
				if r.Context().Err() == nil {
					errlog.Printf("%s %s: %v", r.Method, r.URL.Path, err)
				}
				w.WriteHeader(http.StatusBadGateway)
			},
		},
	}
}

// ServeHTTP answers as AWS does.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// Otherwise the server closes the request's body when the answer begins. The
	// proxy may still be about to ask the body whether there is more of it then,
	// and would take that for a failure and drop the rest of the answer.
	_ = http.NewResponseController(w).EnableFullDuplex()
	if err := g.Calls.count(r); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if m := invocation.FindStringSubmatch(r.URL.Path); m != nil && r.Method == http.MethodPost {
		g.invoke(w, r, m[1])
		return
	}
	g.moto.ServeHTTP(w, r)
}
