package lambda

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// serve answers the environment's Runtime API and returns its address.
func (e *environment) serve() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	api := http.NewServeMux()
	api.HandleFunc("GET /2018-06-01/runtime/invocation/next", e.giveNext)
	api.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", e.takeResponse)
	api.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", e.takeError)
	api.HandleFunc("POST /2018-06-01/runtime/init/error", e.takeInitError)
	e.server = &http.Server{Handler: api, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = e.server.Serve(listener) }()
	return listener.Addr().String(), nil
}

// giveNext waits for an event as long as it takes.
func (e *environment) giveNext(w http.ResponseWriter, r *http.Request) {
	select {
	case <-r.Context().Done():
	case inv := <-e.next:
		e.mu.Lock()
		e.current = inv
		e.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(e.fn.timeout).UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", e.fn.arn)
		_, _ = w.Write(inv.payload)
	}
}

func (e *environment) takeResponse(w http.ResponseWriter, r *http.Request) {
	e.complete(w, r, "")
}

func (e *environment) takeError(w http.ResponseWriter, r *http.Request) {
	e.complete(w, r, unhandled)
}

// complete ends the invocation that the process is busy with.
func (e *environment) complete(w http.ResponseWriter, r *http.Request, functionError string) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	if err != nil {
		apiError(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", err.Error())
		return
	}
	e.mu.Lock()
	inv := e.current
	if inv != nil && inv.id == r.PathValue("id") {
		e.current = nil
	} else {
		inv = nil
	}
	e.mu.Unlock()
	if inv == nil {
		apiError(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return
	}
	inv.done <- &result{payload: body, functionError: functionError}
	accepted(w)
}

func (e *environment) takeInitError(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	if err != nil {
		apiError(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", err.Error())
		return
	}
	select {
	case e.failed <- body:
	default: // It says so once.
	}
	accepted(w)
}

func accepted(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func apiError(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"errorType": kind, "errorMessage": message})
}
