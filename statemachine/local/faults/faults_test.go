package faults_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local/faults"
)

// get sends a request that goes wrong in this way, and returns what the client got
// and whether the server was asked.
func get(t *testing.T, kind faults.Kind) (status int, header http.Header, body string, err error, asked bool) {
	t.Helper()
	var requests atomic.Int32
	server := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		_, _ = io.WriteString(w, "the whole answer")
	})
	injector := faults.NewInjector("1", 1)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		injector.Handle(w, r, "GET /", server, []faults.Kind{kind})
	}))
	t.Cleanup(front.Close)
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Get(front.URL)
	if err != nil {
		return 0, nil, "", err, requests.Load() > 0
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, response.Header, string(text), err, requests.Load() > 0
}

func TestKinds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		kind      faults.Kind
		want      int
		wantBody  string
		wantErr   bool
		wantAsked bool
	}{
		{kind: faults.InternalError, want: 500, wantBody: "Internal Server Error"},
		{kind: faults.InternalErrorAfter, want: 500, wantBody: "Internal Server Error", wantAsked: true},
		{kind: faults.Unavailable, want: 503, wantBody: "Service Unavailable"},
		{kind: faults.TooManyRequests, want: 429, wantBody: "Too Many Requests"},
		{kind: faults.Unauthorized, want: 401, wantBody: "Unauthorized"},
		{kind: faults.Redirect, want: 307},
		{kind: faults.Reset, wantErr: true},
		{kind: faults.ResetAfter, wantErr: true, wantAsked: true},
		{kind: faults.Cut, want: 200, wantBody: "the whol", wantErr: true, wantAsked: true},
		{kind: faults.HTML, want: 200, wantBody: "<!DOCTYPE html><title>Sign in</title><p>Please sign in."},
		{kind: faults.HTMLAfter, want: 200, wantBody: "<!DOCTYPE html><title>Sign in</title><p>Please sign in.", wantAsked: true},
		{kind: faults.JSON, want: 200, wantBody: `{"status":"ok"}`},
		{kind: faults.JSONAfter, want: 200, wantBody: `{"status":"ok"}`, wantAsked: true},
		{kind: faults.Slow, want: 200, wantBody: "the whole answer", wantAsked: true},
	}
	require.Len(t, tests, len(faults.All))
	for _, tt := range tests {
		t.Run(string(tt.kind), func(t *testing.T) {
			t.Parallel()
			status, header, body, err, asked := get(t, tt.kind)
			assert.Equal(t, tt.wantErr, err != nil, "%v", err)
			assert.Equal(t, tt.want, status)
			assert.Equal(t, tt.wantBody, body)
			assert.Equal(t, tt.wantAsked, asked)
			switch tt.kind {
			case faults.TooManyRequests:
				assert.Equal(t, "1", header.Get("Retry-After"))
			case faults.Redirect:
				assert.NotEmpty(t, header.Get("Location"))
			}
		})
	}
}

// inject sends requests of these names and returns the faults.
func inject(seed string, share float64, names ...string) []faults.Injected {
	injector := faults.NewInjector(seed, share)
	for _, name := range names {
		handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
		kinds := []faults.Kind{faults.InternalError, faults.Unavailable, faults.HTML}
		injector.Handle(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil), name, handler, kinds)
	}
	return injector.Injected()
}

func TestASeedRepeatsItsFaults(t *testing.T) {
	t.Parallel()
	var ab, ba []string
	for range 200 {
		ab, ba = append(ab, "a", "b"), append(ba, "b", "a")
	}
	got := inject("1", 0.1, ab...)
	assert.InDelta(t, 40, len(got), 20)
	assert.ElementsMatch(t, got, inject("1", 0.1, ba...), "the order of different requests does not count")
	assert.NotEqual(t, got, inject("2", 0.1, ab...))
	assert.Empty(t, inject("1", 0, ab...))
}
