package people

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// SFTPGo is an administrator at the server's REST API, who makes accounts and
// looks at them. It shows documents as they are, unlike the product's own
// client, so that a test does not believe the code that it tests.
type SFTPGo struct {
	host, username, password string

	http  http.Client
	mu    sync.Mutex
	token string
}

// NewSFTPGo is for the server at a base URL.
func NewSFTPGo(host, username, password string) *SFTPGo {
	return &SFTPGo{host: host, username: username, password: password, http: http.Client{Timeout: 30 * time.Second}}
}

// Document is a JSON object as the server sends it.
type Document = map[string]any

// AddUser makes an account with the home that the server gives it, and nothing
// else in it.
func (s *SFTPGo) AddUser(ctx context.Context, username, password string) error {
	user := Document{
		"username":    username,
		"status":      1,
		"permissions": Document{"/": []string{"*"}},
	}
	if password != "" {
		user["password"] = password
	}
	return s.Do(ctx, http.MethodPost, "/api/v2/users", user, nil)
}

// User gives an account's whole document; ok is false where there is none.
func (s *SFTPGo) User(ctx context.Context, username string) (user Document, ok bool, err error) {
	err = s.Do(ctx, http.MethodGet, "/api/v2/users/"+url.PathEscape(username), nil, &user)
	if status, is := err.(statusError); is && status.code == http.StatusNotFound {
		return nil, false, nil
	}
	return user, err == nil, err
}

// PutUser replaces an account's whole document.
func (s *SFTPGo) PutUser(ctx context.Context, username string, user Document) error {
	return s.Do(ctx, http.MethodPut, "/api/v2/users/"+url.PathEscape(username), user, nil)
}

// AddFolder makes a virtual folder.
func (s *SFTPGo) AddFolder(ctx context.Context, folder Document) error {
	return s.Do(ctx, http.MethodPost, "/api/v2/folders", folder, nil)
}

// Users gives the documents of all accounts, and Folders of all folders.
func (s *SFTPGo) Users(ctx context.Context) ([]Document, error) { return s.list(ctx, "users") }

// Folders gives the documents of all virtual folders.
func (s *SFTPGo) Folders(ctx context.Context) ([]Document, error) { return s.list(ctx, "folders") }

// page is the most that the server lists at once.
const page = 500

func (s *SFTPGo) list(ctx context.Context, resource string) ([]Document, error) {
	var all []Document
	for {
		var some []Document
		path := fmt.Sprintf("/api/v2/%s?limit=%d&offset=%d", resource, page, len(all))
		if err := s.Do(ctx, http.MethodGet, path, nil, &some); err != nil {
			return nil, err
		}
		all = append(all, some...)
		if len(some) < page {
			return all, nil
		}
	}
}

// empty deletes every account and folder.
func (s *SFTPGo) empty(ctx context.Context) error {
	for resource, name := range map[string]string{"users": "username", "folders": "name"} {
		documents, err := s.list(ctx, resource)
		if err != nil {
			return err
		}
		for _, document := range documents {
			path := "/api/v2/" + resource + "/" + url.PathEscape(document[name].(string))
			if err := s.Do(ctx, http.MethodDelete, path, nil, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// statusError is an answer that is not a success.
type statusError struct {
	code int
	text string
}

func (e statusError) Error() string { return e.text }

// Do sends a request as the administrator, logging in at the first.
func (s *SFTPGo) Do(ctx context.Context, method, path string, body, answer any) error {
	token, err := s.login(ctx)
	if err != nil {
		return err
	}
	return s.send(ctx, method, path, body, answer, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) })
}

func (s *SFTPGo) login(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token != "" {
		return s.token, nil
	}
	var answer struct {
		Token string `json:"access_token"`
	}
	err := s.send(ctx, http.MethodGet, "/api/v2/token", nil, &answer, func(r *http.Request) { r.SetBasicAuth(s.username, s.password) })
	s.token = answer.Token
	return s.token, err
}

func (s *SFTPGo) send(ctx context.Context, method, path string, body, answer any, authorize func(*http.Request)) error {
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, s.host+path, &content)
	if err != nil {
		return err
	}
	authorize(request)
	response, err := s.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 500))
		return statusError{response.StatusCode, fmt.Sprintf("SFTPGo: %s %s: %s: %s", method, path, response.Status, text)}
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(answer)
}
