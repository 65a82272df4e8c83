package gateway_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local/gateway"
)

// invoker answers with the function's name and the event.
type invoker struct{}

var _ gateway.Invoker = invoker{}

func (invoker) Invoke(w http.ResponseWriter, r *http.Request, function string) {
	event, _ := io.ReadAll(r.Body)
	_, _ = io.WriteString(w, "invoked "+function+" with "+string(event))
}

// start returns a gateway in front of a server that answers what it was asked,
// and lets AKIA1 invoke functions.
func start(t *testing.T) (address string, calls *gateway.Counter) {
	t.Helper()
	moto := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.HasSuffix(r.URL.Path, "/invocations") {
			if strings.Contains(r.Header.Get("Authorization"), "AKIA1") && string(body) == `{"n":1}` {
				w.WriteHeader(http.StatusNoContent)
				return
			}
			w.WriteHeader(http.StatusForbidden)
		}
		_, _ = io.WriteString(w, strings.Join([]string{r.Method, r.Host, r.URL.EscapedPath(), r.Header.Get("Authorization"), string(body)}, "|"))
	}))
	t.Cleanup(moto.Close)
	at, err := url.Parse(moto.URL)
	require.NoError(t, err)
	calls = gateway.NewCounter(func(accessKeyID string) string {
		return map[string]string{"AKIA1": "sync-user"}[accessKeyID]
	})
	front := httptest.NewServer(gateway.New(at, invoker{}, calls, log.New(io.Discard, "", 0)))
	t.Cleanup(front.Close)
	return front.URL, calls
}

// client shares no connections with httptest, which closes those of
// http.DefaultTransport whenever one of its servers is closed.
var client = http.Client{Transport: new(http.Transport)}

func send(t *testing.T, method, address, accessKeyID, body string) (string, string) {
	t.Helper()
	r, err := http.NewRequest(method, address, strings.NewReader(body))
	require.NoError(t, err)
	signature := "AWS4-HMAC-SHA256 Credential=" + accessKeyID + "/20260102/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
	r.Header.Set("Authorization", signature)
	response, err := client.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(text), signature
}

func TestRequestIsForwardedUnchanged(t *testing.T) {
	t.Parallel()
	address, _ := start(t)

	got, signature := send(t, http.MethodPut, address+"/bucket/a%2Fb%20c", "AKIA1", "body")

	host := strings.TrimPrefix(address, "http://")
	assert.Equal(t, strings.Join([]string{"PUT", host, "/bucket/a%2Fb%20c", signature, "body"}, "|"), got)
}

func TestInvokeReachesTheFunction(t *testing.T) {
	t.Parallel()
	address, _ := start(t)

	got, _ := send(t, http.MethodPost, address+"/2015-03-31/functions/arn%3Aaws%3Alambda/invocations", "AKIA1", `{"n":1}`)

	assert.Equal(t, `invoked arn:aws:lambda with {"n":1}`, got)
}

func TestUnauthorizedInvokeIsNotHandedOn(t *testing.T) {
	t.Parallel()
	address, _ := start(t)

	got, _ := send(t, http.MethodPost, address+"/2015-03-31/functions/f/invocations", "AKIA2", `{"n":1}`)

	assert.True(t, strings.HasPrefix(got, "POST|"), "moto answers: %s", got)
}

// A delegated operation is answered if moto authorizes it, and an interceptor sees it, too.
func TestDelegate(t *testing.T) {
	t.Parallel()
	moto := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Authorization"), "AKIA1") {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "moto's answer")
	}))
	t.Cleanup(moto.Close)
	at, err := url.Parse(moto.URL)
	require.NoError(t, err)
	g := gateway.New(at, invoker{}, gateway.NewCounter(func(string) string { return "fetch" }), log.New(io.Discard, "", 0))
	g.Delegate("transfer", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, "delegated "+string(body))
	}), "StartFileTransfer", "TestConnection")
	ask := func(accessKeyID, operation string) string {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}"))
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+accessKeyID+"/20260102/us-east-1/transfer/aws4_request, SignedHeaders=host, Signature=0")
		r.Header.Set("X-Amz-Target", "TransferService."+operation)
		w := httptest.NewRecorder()
		g.ServeHTTP(w, r)
		return w.Body.String()
	}

	assert.Equal(t, "delegated {}", ask("AKIA1", "StartFileTransfer"))
	assert.Equal(t, "delegated {}", ask("AKIA1", "TestConnection"))
	assert.Empty(t, ask("AKIA1", "DescribeConnector"), "moto's own answer")
	assert.Equal(t, "moto's answer", ask("AKIA2", "StartFileTransfer"))

	remove := g.Intercept(func(call gateway.Call, w http.ResponseWriter, r *http.Request, aws http.Handler) {
		_, _ = io.WriteString(w, call.Action+" ")
		aws.ServeHTTP(w, r)
	})
	defer remove()
	assert.Equal(t, "StartFileTransfer delegated {}", ask("AKIA1", "StartFileTransfer"))
}

func TestCounterCountsByCaller(t *testing.T) {
	t.Parallel()
	address, calls := start(t)
	for range 2 {
		send(t, http.MethodGet, address+"/bucket/key", "AKIA1", "")
	}
	send(t, http.MethodGet, address+"/bucket/key", "AKIA2", "")

	assert.Equal(t, map[gateway.Call]int{
		{Service: "s3", Action: "GET /bucket/key", Caller: "sync-user"}: 2,
		{Service: "s3", Action: "GET /bucket/key"}:                      1,
	}, calls.Total())

	calls.Reset()
	assert.Empty(t, calls.Total())
}

func TestUnreachableMotoIsABadGateway(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	at, err := url.Parse(closed.URL)
	require.NoError(t, err)
	var errors strings.Builder
	front := gateway.New(at, invoker{}, gateway.NewCounter(func(string) string { return "" }), log.New(&errors, "", 0))
	w := httptest.NewRecorder()

	front.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/bucket", nil))

	assert.Equal(t, http.StatusBadGateway, w.Code)
	assert.Contains(t, errors.String(), "GET /bucket")
}

// The proxy must not read from the client when the response begins: the server has
// closed the request's body by then, and the rest of the response would be lost.
func TestBodyIsReadBeforeItIsForwarded(t *testing.T) {
	t.Parallel()
	body := strings.NewReader(strings.Repeat("x", 16<<20)) // more than a connection's buffers
	moto := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		_, _ = io.WriteString(w, strconv.Itoa(body.Len()))
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	t.Cleanup(moto.Close)
	at, err := url.Parse(moto.URL)
	require.NoError(t, err)
	front := gateway.New(at, invoker{}, gateway.NewCounter(func(string) string { return "" }), log.New(io.Discard, "", 0))
	w := httptest.NewRecorder()

	front.ServeHTTP(w, httptest.NewRequest(http.MethodPut, "/bucket/key", body))

	assert.Equal(t, "0", w.Body.String(), "bytes of the body that are not read yet")
}
