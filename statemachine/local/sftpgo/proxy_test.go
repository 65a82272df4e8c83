package sftpgo

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// start returns a proxy in front of a server that answers with a record.
func start(t *testing.T) *Proxy {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Asked", r.Method+" "+r.Host+r.URL.RequestURI()+" "+string(body))
		_, _ = io.WriteString(w, `{"id":9007199254740993}`)
	}))
	t.Cleanup(server.Close)
	p, err := newProxy(log.New(io.Discard, "", 0))
	require.NoError(t, err)
	p.serve(server.Listener.Addr().String())
	t.Cleanup(p.close)
	return p
}

// client shares no connections with httptest, which closes those of
// http.DefaultTransport whenever one of its servers is closed.
var client = http.Client{Transport: new(http.Transport)}

type reply struct {
	status      int
	body, asked string
}

func ask(t *testing.T, p *Proxy, method, path, body string) reply {
	t.Helper()
	r, err := http.NewRequest(method, p.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	response, err := client.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return reply{status: response.StatusCode, body: string(text), asked: response.Header.Get("Asked")}
}

func TestForward(t *testing.T) {
	t.Parallel()
	p := start(t)

	got := ask(t, p, http.MethodPut, "/api/v2/users/a%2Bb@x.org?disconnect=1", "{}")

	host := strings.TrimPrefix(p.URL, "http://")
	assert.Equal(t, "PUT "+host+"/api/v2/users/a%2Bb@x.org?disconnect=1 {}", got.asked)
	assert.Equal(t, `{"id":9007199254740993}`, got.body)
}

func TestCalls(t *testing.T) {
	t.Parallel()
	p := start(t)
	for _, path := range []string{"/api/v2/users/a", "/api/v2/users/b", "/api/v2/users", "/api/v2/token"} {
		ask(t, p, http.MethodGet, path, "")
	}

	assert.Equal(t, map[Route]int{
		{http.MethodGet, "/api/v2/users/{name}"}: 2,
		{http.MethodGet, "/api/v2/users"}:        1,
		{http.MethodGet, "/api/v2/token"}:        1,
	}, p.Calls())

	p.Reset()
	assert.Empty(t, p.Calls())
}

func TestInject(t *testing.T) {
	t.Parallel()
	fail := func(f Fault) Fault { f.Status = http.StatusServiceUnavailable; return f }
	tests := []struct {
		name string
		give Fault
		// want are the statuses of: GET a user, PUT a user, GET a user.
		want []int
	}{
		{name: "everything", give: fail(Fault{}), want: []int{503, 503, 503}},
		{name: "a method", give: fail(Fault{Method: "PUT"}), want: []int{200, 503, 200}},
		{name: "another path", give: fail(Fault{Path: "/api/v2/folders/{name}"}), want: []int{200, 200, 200}},
		{name: "once", give: fail(Fault{Method: "GET", Path: "/api/v2/users/{name}", Times: 1}), want: []int{503, 200, 200}},
		{name: "twice", give: fail(Fault{Times: 2}), want: []int{503, 503, 200}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := start(t)
			remove := p.Inject(tt.give)

			var got []int
			for _, method := range []string{"GET", "PUT", "GET"} {
				got = append(got, ask(t, p, method, "/api/v2/users/a", "").status)
			}
			remove()

			assert.Equal(t, tt.want, got)
			assert.Equal(t, 200, ask(t, p, "GET", "/api/v2/users/a", "").status)
		})
	}
}

func TestInjectAnswer(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.Inject(Fault{Status: http.StatusTooManyRequests, Body: "slow down", Delay: time.Millisecond})

	got := ask(t, p, "GET", "/", "")

	assert.Equal(t, reply{status: http.StatusTooManyRequests, body: "slow down"}, got)
}

func TestRemoveEndsDelay(t *testing.T) {
	t.Parallel()
	p := start(t)
	remove := p.Inject(Fault{Delay: time.Hour})
	answered := make(chan reply)
	go func() { answered <- ask(t, p, "GET", "/api/v2/users/a", "") }()
	require.Eventually(t, func() bool { return len(p.Calls()) == 1 }, time.Minute, time.Millisecond)

	remove()
	remove()

	assert.Equal(t, 200, (<-answered).status)
}

func TestIntercept(t *testing.T) {
	t.Parallel()
	p := start(t)
	var bodies []string
	remove := p.Intercept(func(w http.ResponseWriter, r *http.Request, server http.Handler) {
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(body))
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusConflict)
			return
		}
		server.ServeHTTP(w, r)
	})
	statuses := []int{ask(t, p, "GET", "/api/v2/users/a", "").status, ask(t, p, "POST", "/api/v2/folders", `{"x":1}`).status}

	remove()
	statuses = append(statuses, ask(t, p, "POST", "/api/v2/folders", "").status)

	assert.Equal(t, []int{200, http.StatusConflict, 200}, statuses)
	assert.Equal(t, []string{"", `{"x":1}`}, bodies)
}

func TestInterceptorIsReplaced(t *testing.T) {
	t.Parallel()
	p := start(t)
	remove := p.Inject(Fault{Status: http.StatusConflict})
	p.Inject(Fault{Status: http.StatusServiceUnavailable})

	remove()
	assert.Equal(t, http.StatusServiceUnavailable, ask(t, p, "GET", "/", "").status)

	p.Reset()
	assert.Equal(t, http.StatusOK, ask(t, p, "GET", "/", "").status)
}
