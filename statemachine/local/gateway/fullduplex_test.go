package gateway_test

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local/gateway"
)

// TestResponseBeforeTheEndOfTheRequest begins the response before the proxy has
// read the end of the request's body.
func TestResponseBeforeTheEndOfTheRequest(t *testing.T) {
	t.Parallel()
	begun, begin := context.WithCancel(t.Context())
	sent, sentAll := context.WithCancel(t.Context())
	moto := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadFull(r.Body, make([]byte, r.ContentLength))
		_ = http.NewResponseController(w).Flush()
		<-sent.Done()
		_, _ = io.WriteString(w, "the answer")
	}))
	t.Cleanup(moto.Close)
	at, err := url.Parse(moto.URL)
	require.NoError(t, err)
	noCaller := func(string) string { return "" }
	handler := gateway.New(at, invoker{}, gateway.NewCounter(noCaller), log.New(io.Discard, "", 0))
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = &lateBody{ReadCloser: r.Body, answer: begun, seen: sentAll}
		handler.ServeHTTP(notifyingWriter{w, begin}, r)
	}))
	t.Cleanup(front.Close)

	got, _ := send(t, http.MethodPut, front.URL+"/bucket/key", "AKIA1", "body")

	assert.Equal(t, "the answer", got)
}

// lateBody reads the end of the body only when the response has begun.
type lateBody struct {
	io.ReadCloser
	answer context.Context
	seen   func()
	read   bool
}

func (b *lateBody) Read(p []byte) (int, error) {
	if !b.read {
		b.read = true
		n, _ := io.ReadFull(b.ReadCloser, p[:len("body")])
		return n, nil
	}
	<-b.answer.Done()
	defer b.seen()
	return b.ReadCloser.Read(p)
}

// notifyingWriter calls begun when the response's header is sent.
type notifyingWriter struct {
	http.ResponseWriter
	begun func()
}

func (w notifyingWriter) FlushError() error {
	defer w.begun()
	return http.NewResponseController(w.ResponseWriter).Flush()
}

func (w notifyingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
