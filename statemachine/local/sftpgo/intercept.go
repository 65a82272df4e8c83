package sftpgo

import (
	"net/http"
	"sync"
)

// Interceptor handles a request in place of the server, to which it may hand it on.
type Interceptor func(w http.ResponseWriter, r *http.Request, server http.Handler)

// Intercept has every request handled by the interceptor, until it is removed.
func (p *Proxy) Intercept(interceptor Interceptor) (remove func()) {
	p.interceptor.Store(&interceptor)
	return sync.OnceFunc(func() { p.interceptor.Store(nil) })
}
