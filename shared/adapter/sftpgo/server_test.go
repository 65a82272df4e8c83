package sftpgo_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/adapter/sftpgo"
	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/secret"
)

const (
	username = "sync-users"
	password = `pass/"word" <1>`
	apiKey   = "keyid.0123456789abcdef"
)

// received is a request as the server received it.
type received struct {
	// Line is the method and the URI, still escaped.
	Line   string
	Header http.Header
	Body   string
}

type fields = map[string]json.RawMessage

// server is an SFTPGo server in memory, empty at first, that keeps the requests
// that it receives. Unlike accounttest.Server it has records as JSON, with whatever
// fields they have; as in the real one, a PUT replaces the record.
type server struct {
	*httptest.Server

	mu       sync.Mutex
	requests []received
	// users and folders are the records by name.
	users   map[string]fields
	folders map[string]fields
	tokens  map[string]bool
	// tokenLifetime is how long a token is said to be valid.
	tokenLifetime time.Duration
	now           func() time.Time
	// intercept responds to a request if it returns true.
	intercept func(http.ResponseWriter, *http.Request) bool
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{
		users: map[string]fields{}, folders: map[string]fields{}, tokens: map[string]bool{},
		tokenLifetime: 20 * time.Minute, now: time.Now,
		intercept: func(http.ResponseWriter, *http.Request) bool { return false },
	}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

// newClient returns a client that logs in with the password, and its server.
func newClient(t *testing.T) (*sftpgo.Client, *server) {
	t.Helper()
	s := newServer(t)
	return s.client(t, sftpgo.Config{Host: s.URL, Credentials: sftpgo.Credentials{Username: username, Password: secret.New(password)}}), s
}

func (s *server) client(t *testing.T, config sftpgo.Config) *sftpgo.Client {
	t.Helper()
	c, err := sftpgo.New(config)
	require.NoError(t, err)
	return c
}

func isLogin(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/token") }

// respondWith makes the server give this response to everything but logins.
func (s *server) respondWith(status int, body string) {
	s.intercept = func(w http.ResponseWriter, r *http.Request) bool {
		if isLogin(r) {
			return false
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
		return true
	}
}

// received returns the lines of the requests other than logins, and the number
// of logins.
func (s *server) received() (lines []string, logins int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, request := range s.requests {
		if strings.HasSuffix(request.Line, "/token") {
			logins++
			continue
		}
		lines = append(lines, request.Line)
	}
	return lines, logins
}

func (s *server) lastRequest() received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests[len(s.requests)-1]
}

// revokeTokens makes the server reject every token so far.
func (s *server) revokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.requests = append(s.requests, received{r.Method + " " + r.RequestURI, r.Header, string(body)})
	s.mu.Unlock()
	if s.intercept(w, r) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	kind, escaped, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/api/v2/"), "/")
	name, _ := url.PathUnescape(escaped)
	switch {
	case kind == "token":
		s.serveToken(w, r)
	case r.Header.Get("X-SFTPGO-API-KEY") != apiKey && !s.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]:
		writeResponse(w, http.StatusUnauthorized, "", "Unauthorized")
	case kind == "version":
		_, _ = io.WriteString(w, `{"version":"2.6.4","features":["+s3"]}`)
	case kind == "users":
		serveRecord(w, r, s.users, name, parse(string(body)))
	case kind == "folders":
		serveRecord(w, r, s.folders, name, parse(string(body)))
	default:
		writeResponse(w, http.StatusNotFound, "", "Not Found")
	}
}

func (s *server) serveToken(w http.ResponseWriter, r *http.Request) {
	if u, p, _ := r.BasicAuth(); u != username || p != password {
		writeResponse(w, http.StatusUnauthorized, "invalid credentials", "Unauthorized")
		return
	}
	token := fmt.Sprintf("token-0123456789abcdef-%d", len(s.requests))
	s.tokens[token] = true
	_, _ = fmt.Fprintf(w, `{"access_token":%q,"expires_at":%q}`, token, s.now().Add(s.tokenLifetime).UTC().Format(time.RFC3339))
}

func serveRecord(w http.ResponseWriter, r *http.Request, records map[string]fields, name string, sent fields) {
	if r.Method == http.MethodPost {
		name = text(sent["name"])
	}
	stored, exists := records[name]
	switch {
	case r.Method == http.MethodPost && exists:
		writeResponse(w, http.StatusConflict, fmt.Sprintf("duplicated key not allowed: folder %q already exists", name), "")
	case r.Method == http.MethodPost:
		records[name] = sent
		writeResponse(w, http.StatusCreated, "", "created")
	case !exists:
		writeResponse(w, http.StatusNotFound, "Not Found", "")
	case r.Method == http.MethodGet:
		_ = json.NewEncoder(w).Encode(stored)
	case r.Method == http.MethodPut:
		records[name] = sent
		writeResponse(w, http.StatusOK, "", "updated")
	case r.Method == http.MethodDelete:
		delete(records, name)
		writeResponse(w, http.StatusOK, "", "deleted")
	}
}

// account returns a user as it is read.
func (s *server) account(t *testing.T, name string) *account.Account {
	t.Helper()
	raw, err := json.Marshal(s.users[name])
	require.NoError(t, err)
	return &account.Account{Username: name, Record: raw}
}

func parse(record string) fields {
	parsed := fields{}
	_ = json.Unmarshal([]byte(record), &parsed)
	return parsed
}

func text(raw json.RawMessage) string {
	var value string
	_ = json.Unmarshal(raw, &value)
	return value
}

// writeResponse responds in SFTPGo's own form.
func writeResponse(w http.ResponseWriter, status int, errorText, message string) {
	response := map[string]string{"message": message}
	if errorText != "" {
		response["error"] = errorText
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(response)
}
