package gateway

import (
	"bytes"
	"io"
	"net/http"
)

// maxPayload bounds what is read of an event. It is more than Lambda accepts, so
// that Lambda itself refuses what is too large.
const maxPayload = 7 << 20

// invoke has the function invoked if moto authorizes the caller, which it says
// with status 204. Any other response is the caller's.
func (g *Gateway) invoke(w http.ResponseWriter, r *http.Request, function string) {
	event, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(event))
	authorization := &authorizationWriter{ResponseWriter: w}
	g.moto.ServeHTTP(authorization, r)
	if authorization.granted {
		r.Body = io.NopCloser(bytes.NewReader(event))
		g.invoker.Invoke(w, r, function)
	}
}

// authorizationWriter passes a response on unless its status is 204.
type authorizationWriter struct {
	http.ResponseWriter
	granted bool
}

func (w *authorizationWriter) WriteHeader(status int) {
	if w.granted = status == http.StatusNoContent; !w.granted {
		w.ResponseWriter.WriteHeader(status)
	}
}
