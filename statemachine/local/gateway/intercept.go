package gateway

import (
	"bytes"
	"io"
	"net/http"
	"sync"
)

// Interceptor handles a request in place of AWS, to which it may hand it on.
type Interceptor func(call Call, w http.ResponseWriter, r *http.Request, aws http.Handler)

// Intercept has every request that a function sends handled by the interceptor,
// until it is removed. Requests of other clients go on as ever.
func (g *Gateway) Intercept(interceptor Interceptor) (remove func()) {
	g.interceptor.Store(&interceptor)
	return sync.OnceFunc(func() { g.interceptor.Store(nil) })
}

// server returns the server for a call: moto, behind the interceptor if there is one
// for it.
func (g *Gateway) server(call Call) http.Handler {
	interceptor := g.interceptor.Load()
	if interceptor == nil || call.Caller == "" {
		return g.moto
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The interceptor may answer without reading the body, which the server could
		// not read to its end then, in full duplex.
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		(*interceptor)(call, w, r, g.moto)
	})
}
