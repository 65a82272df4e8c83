package gateway

import (
	"bytes"
	"io"
	"net/http"
)

// maxPayload bounds what is read of an event. It is more than Lambda takes, so
// that Lambda itself is the one to refuse what is too large.
const maxPayload = 7 << 20

// invoke hands an Invoke on if moto answers that the caller may do this: 204.
// Any other answer is the caller's.
func (g *Gateway) invoke(w http.ResponseWriter, r *http.Request, function string) {
	event, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(event))
	verdict := &verdict{ResponseWriter: w}
	g.moto.ServeHTTP(verdict, r)
	if verdict.allowed {
		r.Body = io.NopCloser(bytes.NewReader(event))
		g.invoker.Invoke(w, r, function)
	}
}

// verdict passes an answer on unless it is 204.
type verdict struct {
	http.ResponseWriter
	allowed bool
}

func (v *verdict) WriteHeader(status int) {
	if v.allowed = status == http.StatusNoContent; !v.allowed {
		v.ResponseWriter.WriteHeader(status)
	}
}
