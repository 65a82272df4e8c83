package awsapi_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
)

// The response is read before net/http has seen the end of the request's body.
func TestEarlyResponseIsNotLost(t *testing.T) {
	t.Parallel()
	reading, read := context.WithCancel(t.Context())
	sent, sentAll := context.WithCancel(t.Context())
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-sent.Done()
		_, _ = io.WriteString(w, `{}`)
	}))
	t.Cleanup(server.Close)
	cfg := config(server.URL)
	cfg.HTTPClient = awsapi.WithoutWriterTo(&http.Client{Transport: slowTransport{reading, read}})

	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { sentAll() },
	})
	require.NoError(t, getParameters(ctx, cfg))

	assert.Equal(t, int32(1), calls.Load())
}

// slowTransport finishes sending a request's body when the response's body is read.
type slowTransport struct {
	reading context.Context
	read    func()
}

func (s slowTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			return slowConn{conn, func() { <-s.reading.Done() }}, err
		},
	}
	response, err := transport.RoundTrip(r)
	if err == nil {
		response.Body = notifyingBody{response.Body, s.read}
	}
	return response, err
}

type slowConn struct {
	net.Conn
	wait func()
}

func (c slowConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if bytes.HasSuffix(p, []byte("}")) { // the end of a JSON body
		c.wait()
	}
	return n, err
}

// notifyingBody calls onRead before each Read.
type notifyingBody struct {
	io.ReadCloser
	onRead func()
}

func (b notifyingBody) Read(p []byte) (int, error) {
	b.onRead()
	return b.ReadCloser.Read(p)
}
