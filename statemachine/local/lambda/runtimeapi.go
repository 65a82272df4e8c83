package lambda

import (
	"crypto/rand"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// serve serves the environment's Runtime API and returns its address. Functions
// in Go report no error of their start (init/error): they exit. An extension is told of
// nothing: it is registered to be sent SIGTERM, which every process here is.
func (e *environment) serve() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	api := http.NewServeMux()
	api.HandleFunc("GET /2018-06-01/runtime/invocation/next", e.sendNext)
	api.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) {
		e.complete(w, r, "")
	})
	api.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) {
		e.complete(w, r, unhandled)
	})
	api.HandleFunc("POST /2020-01-01/extension/register", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Lambda-Extension-Identifier", rand.Text())
	})
	api.HandleFunc("GET /2020-01-01/extension/event/next", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	e.server = &http.Server{Handler: api, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = e.server.Serve(listener) }()
	return listener.Addr().String(), nil
}

// sendNext responds with the next event, whenever there is one.
func (e *environment) sendNext(w http.ResponseWriter, r *http.Request) {
	select {
	case <-r.Context().Done():
	case inv := <-e.next:
		e.current.Store(inv)
		h := w.Header()
		h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(e.fn.timeout).UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", e.fn.arn)
		_, _ = w.Write(inv.payload)
	}
}

// complete ends the current invocation with what the process sent.
func (e *environment) complete(w http.ResponseWriter, r *http.Request, functionError string) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	inv := e.current.Swap(nil)
	if inv == nil || inv.id != r.PathValue("id") {
		http.Error(w, "Invalid request ID", http.StatusBadRequest)
		return
	}
	inv.done <- &result{payload: body, functionError: functionError}
	w.WriteHeader(http.StatusAccepted)
}
