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

// The answer overtakes the end of sending: it is read while net/http has not
// yet seen that the request has no more to send.
func TestLosslessKeepsAnAnswerThatComesAtOnce(t *testing.T) {
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
	cfg.HTTPClient = awsapi.WithoutWriterTo(&http.Client{Transport: lateSender{reading, read}})

	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { sentAll() },
	})
	require.NoError(t, getParameters(ctx, cfg))

	assert.Equal(t, int32(1), calls.Load())
}

// lateSender has sent a request's body only when its answer's is read.
type lateSender struct {
	reading context.Context
	read    func()
}

func (l lateSender) RoundTrip(r *http.Request) (*http.Response, error) {
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			return lateConn{conn, func() { <-l.reading.Done() }}, err
		},
	}
	answer, err := transport.RoundTrip(r)
	if err == nil {
		answer.Body = tellingBody{answer.Body, l.read}
	}
	return answer, err
}

type lateConn struct {
	net.Conn
	wait func()
}

func (c lateConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if bytes.HasSuffix(p, []byte("}")) { // the end of a JSON body
		c.wait()
	}
	return n, err
}

// tellingBody tells when it is begun to be read.
type tellingBody struct {
	io.ReadCloser
	begun func()
}

func (b tellingBody) Read(p []byte) (int, error) {
	b.begun()
	return b.ReadCloser.Read(p)
}
