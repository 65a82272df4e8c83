package lambda

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// serve serves the environment's Runtime API and returns its address. Functions
// in Go report no error of their start (init/error): they exit.
func (e *environment) serve() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	api := http.NewServeMux()
	api.HandleFunc("GET /2018-06-01/runtime/invocation/next", e.handleNext)
	api.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", e.handleResponse)
	api.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", e.handleError)
	e.server = &http.Server{Handler: api, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = e.server.Serve(listener) }()
	return listener.Addr().String(), nil
}

// handleNext responds with the next event, whenever there is one.
func (e *environment) handleNext(w http.ResponseWriter, r *http.Request) {
	select {
	case <-r.Context().Done():
	case inv := <-e.next:
		e.current.Store(inv)
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(e.fn.timeout).UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", e.fn.arn)
		_, _ = w.Write(inv.payload)
	}
}

func (e *environment) handleResponse(w http.ResponseWriter, r *http.Request) {
	e.complete(w, r, "")
}

func (e *environment) handleError(w http.ResponseWriter, r *http.Request) {
	e.complete(w, r, unhandled)
}

// complete ends the current invocation with what the process sent.
func (e *environment) complete(w http.ResponseWriter, r *http.Request, functionError string) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	if err != nil {
		apiError(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", err.Error())
		return
	}
	inv := e.current.Load()
	if inv == nil || inv.id != r.PathValue("id") || !e.current.CompareAndSwap(inv, nil) {
		apiError(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return
	}
	inv.done <- &result{payload: body, functionError: functionError}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func apiError(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"errorType": kind, "errorMessage": message})
}
