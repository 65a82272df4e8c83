package sftpgo_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/adapter/sftpgo"
	"github.com/digipres/sync-users/shared/domain/secret"
)

const (
	username = "sync-users"
	password = `pass/"word" <1>`
	apiKey   = "keyid.0123456789abcdef"
)

// call is a request as it reached the server.
type call struct {
	// Line is the method and the URI, still escaped.
	Line   string
	Header http.Header
	Body   string
}

type fields = map[string]json.RawMessage

// server is an SFTPGo in memory, empty at first, that records what reaches it.
// It keeps to the rules of the real one that matter here: a PUT replaces the
// record, a mapping is no more than a folder's name, path and quota, and a
// secret comes back encrypted.
type server struct {
	*httptest.Server

	mu      sync.Mutex
	calls   []call
	users   map[string]fields
	folders map[string]fields
	tokens  map[string]bool
	// life is how long a token is said to be valid.
	life time.Duration
	now  func() time.Time
	// instead answers a request, if it returns true.
	instead func(http.ResponseWriter, *http.Request) bool
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{
		users: map[string]fields{}, folders: map[string]fields{}, tokens: map[string]bool{},
		life: 20 * time.Minute, now: time.Now,
		instead: func(http.ResponseWriter, *http.Request) bool { return false },
	}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

// newClient gives a client that logs in with the password, and its server.
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

// answers makes the server answer everything but logins with that.
func (s *server) answers(status int, body string) {
	s.instead = func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/token") {
			return false
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
		return true
	}
}

// lines are the calls other than logins, and logins their number.
func (s *server) lines() (lines []string, logins int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, call := range s.calls {
		if strings.HasSuffix(call.Line, "/token") {
			logins++
			continue
		}
		lines = append(lines, call.Line)
	}
	return lines, logins
}

func (s *server) last() call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[len(s.calls)-1]
}

// revoke makes every token so far worth nothing.
func (s *server) revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.calls = append(s.calls, call{r.Method + " " + r.RequestURI, r.Header, string(body)})
	s.mu.Unlock()
	if s.instead(w, r) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	parts := strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/api/v2/"), "/")
	name, _ := url.PathUnescape(parts[len(parts)-1])
	switch {
	case parts[0] == "token":
		s.login(w, r)
	case r.Header.Get("X-SFTPGO-API-KEY") != apiKey && !s.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]:
		reply(w, http.StatusUnauthorized, "", "Unauthorized")
	case parts[0] == "version":
		_, _ = io.WriteString(w, `{"version":"2.6.4","features":["+s3"]}`)
	case parts[0] == "users":
		s.serveUser(w, r, name, body)
	case parts[0] == "folders":
		s.serveFolder(w, r, name, body)
	default:
		reply(w, http.StatusNotFound, "", "Not Found")
	}
}

func (s *server) login(w http.ResponseWriter, r *http.Request) {
	if u, p, _ := r.BasicAuth(); u != username || p != password {
		reply(w, http.StatusUnauthorized, "invalid credentials", "Unauthorized")
		return
	}
	token := fmt.Sprintf("eyJhbGciOiJIUzI1NiJ9.eyJ1c2VybmFtZSI6InN5bmMtdXNlcnMiLCJwZXJtaXNzaW9ucyI6WyJ2aWV3X3VzZXJzIl0sInJvbGUiOiJhcmNoaXZlIn0.signature%d", len(s.calls))
	s.tokens[token] = true
	_, _ = fmt.Fprintf(w, `{"access_token":%q,"expires_at":%q}`, token, s.now().Add(s.life).UTC().Format(time.RFC3339))
}

func (s *server) serveUser(w http.ResponseWriter, r *http.Request, name string, body []byte) {
	user, ok := s.users[name]
	if !ok {
		reply(w, http.StatusNotFound, "Not Found", "")
		return
	}
	if r.Method == http.MethodGet {
		answer(w, http.StatusOK, s.withFolders(user))
		return
	}
	s.users[name] = parse(string(body))
	reply(w, http.StatusOK, "", "User updated")
}

// withFolders gives a user's record with the folders that its mappings name.
func (s *server) withFolders(user fields) fields {
	var mappings, shown []fields
	_ = json.Unmarshal(user["virtual_folders"], &mappings)
	for _, mapping := range mappings {
		folder := maps.Clone(s.folders[text(mapping["name"])])
		for _, own := range []string{"name", "virtual_path", "quota_size", "quota_files"} {
			folder[own] = mapping[own]
		}
		shown = append(shown, folder)
	}
	user = maps.Clone(user)
	if shown != nil {
		user["virtual_folders"], _ = json.Marshal(shown)
	}
	return user
}

func (s *server) serveFolder(w http.ResponseWriter, r *http.Request, name string, body []byte) {
	record := parse(string(body))
	if r.Method == http.MethodPost {
		name = text(record["name"])
		if _, ok := s.folders[name]; ok {
			reply(w, http.StatusConflict, fmt.Sprintf("duplicated key not allowed: folder %q already exists", name), "")
			return
		}
		s.folders[name] = encrypted(record)
		answer(w, http.StatusCreated, s.folders[name])
		return
	}
	folder, ok := s.folders[name]
	if !ok {
		reply(w, http.StatusNotFound, "Not Found", "")
		return
	}
	switch r.Method {
	case http.MethodGet:
		answer(w, http.StatusOK, folder)
	case http.MethodPut:
		s.folders[name] = encrypted(record)
		reply(w, http.StatusOK, "", "Folder updated")
	case http.MethodDelete:
		delete(s.folders, name)
		reply(w, http.StatusOK, "", "Folder deleted")
	}
}

// encrypted gives a folder's record as the server keeps it.
func encrypted(folder fields) fields {
	filesystem := parse(string(folder["filesystem"]))
	s3 := parse(string(filesystem["s3config"]))
	s3["access_secret"] = json.RawMessage(`{"status":"Secretbox","payload":"c2VhbGVk"}`)
	filesystem["s3config"], _ = json.Marshal(s3)
	folder = maps.Clone(folder)
	folder["filesystem"], _ = json.Marshal(filesystem)
	return folder
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

func answer(w http.ResponseWriter, status int, record fields) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(record)
}

// reply answers in the server's own form.
func reply(w http.ResponseWriter, status int, fault, message string) {
	words := map[string]string{"message": message}
	if fault != "" {
		words["error"] = fault
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(words)
}
