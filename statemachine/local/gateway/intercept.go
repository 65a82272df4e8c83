package gateway

import (
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
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*interceptor)(call, w, r, g.moto) })
}
