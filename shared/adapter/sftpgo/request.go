package sftpgo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/secret"
)

const (
	apiPath = "/api/v2"
	// maxResponseSize is the most that is read of a response, in bytes: eight
	// times what the server accepts (1 MiB), which is some thousand folders.
	maxResponseSize = 8 << 20
	// maxErrorText is the most that an error quotes of a response, in characters.
	maxErrorText = 300
)

// request is a call of the REST API.
type request struct {
	method string
	// path are the segments below /api/v2, unescaped.
	path  []string
	query url.Values
	body  []byte
	// secrets are those in the body.
	secrets []secret.Text
	isLogin bool
}

// authorization authorizes requests, with secrets that no error may repeat.
type authorization interface {
	authorize(*http.Request)
	secrets() []secret.Text
}

var (
	_ authorization = Credentials{}
	_ authorization = (*token)(nil)
)

// buildURL escapes each segment for a path: `+` stays as it is, and a slash does
// not end the segment.
func (c *Client) buildURL(r request) *url.URL {
	plain, escaped := c.base.Path+apiPath, c.base.EscapedPath()+apiPath
	for _, segment := range r.path {
		plain += "/" + segment
		escaped += "/" + url.PathEscape(segment)
	}
	u := *c.base
	u.Path, u.RawPath, u.RawQuery = plain, escaped, r.query.Encode()
	return &u
}

// buildRequest refuses a name that would turn the path into another resource's.
func (c *Client) buildRequest(ctx context.Context, r request) (*http.Request, error) {
	for _, segment := range r.path {
		if segment == "" || segment == "." || segment == ".." {
			return nil, errkind.Errorf(errkind.Unexpected, "%q can't be the name of anything in SFTPGo", segment)
		}
	}
	httpRequest, err := http.NewRequestWithContext(ctx, r.method, c.buildURL(r).String(), bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	httpRequest.Header.Set("Accept", "application/json")
	httpRequest.Header.Set("User-Agent", "sync-users")
	if r.body != nil {
		httpRequest.Header.Set("Content-Type", "application/json")
	}
	return httpRequest, nil
}

// do makes a request with the client's token. If the server rejects the token, it
// repeats the request once with another.
func (c *Client) do(ctx context.Context, r request) ([]byte, error) {
	token, err := c.tokens.get(ctx)
	if err != nil {
		return nil, err
	}
	body, err := c.send(ctx, r, token)
	var rejection *Error
	if !errors.As(err, &rejection) || !rejection.isUnauthenticated() {
		return body, err
	}
	if token, err = c.tokens.replace(ctx, token, err); err != nil {
		return nil, err
	}
	return c.send(ctx, r, token)
}

// send makes one HTTP request, and returns the body of a successful response.
func (c *Client) send(ctx context.Context, r request, auth authorization) ([]byte, error) {
	httpRequest, err := c.buildRequest(ctx, r)
	if err != nil {
		return nil, err
	}
	auth.authorize(httpRequest)
	response, err := c.http.Do(httpRequest)
	if err != nil {
		return nil, classifyConnection(httpRequest, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxResponseSize+1))
	redactor := newRedactor(slices.Concat(r.secrets, auth.secrets()))
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return nil, newError(response, body, redactor).classify(r.isLogin)
	}
	if err != nil {
		return nil, classifyConnection(httpRequest, err)
	}
	if len(body) > maxResponseSize {
		return nil, errkind.Errorf(errkind.Unexpected, "%s: the response has more than %d MiB", requestLine(httpRequest), maxResponseSize>>20)
	}
	if response.StatusCode != http.StatusNoContent && !json.Valid(body) {
		return nil, errkind.Errorf(errkind.Unavailable, "%s: the response is not JSON, or cut short; check SFTPGO_HOST. It begins: %s",
			requestLine(httpRequest), truncate(redactor.Redact(string(body))))
	}
	return body, nil
}

// get makes a GET request and decodes the response.
func get[T any](ctx context.Context, c *Client, path ...string) (T, error) {
	return fetch[T](ctx, c, request{method: http.MethodGet, path: path})
}

// fetch makes a request and decodes the response.
func fetch[T any](ctx context.Context, c *Client, r request) (T, error) {
	var value T
	body, err := c.do(ctx, r)
	if err != nil {
		return value, err
	}
	if err := json.Unmarshal(body, &value); err != nil {
		return value, errkind.Errorf(errkind.Unexpected, "%s %s: read the response: %w", r.method, c.buildURL(r).EscapedPath(), err)
	}
	return value, nil
}

// write makes a request that changes something. It returns Unavailable if the response
// is not that of SFTPGo, which has a message, or a record with its name: something else
// may have answered, and nothing is changed then.
func (c *Client) write(ctx context.Context, r request) error {
	body, err := c.do(ctx, r)
	if err != nil {
		return err
	}
	var response struct{ Message, Name string }
	if err := json.Unmarshal(body, &response); err != nil || response.Message == "" && response.Name == "" {
		return errkind.Errorf(errkind.Unavailable, "%s %s: the response is not SFTPGo's; check SFTPGO_HOST and any proxy before the server",
			r.method, c.buildURL(r).EscapedPath())
	}
	return nil
}

// requestLine is what errors say of a request: never its query or headers.
func requestLine(r *http.Request) string { return r.Method + " " + r.URL.EscapedPath() }

// truncate returns the beginning of a text, on one line.
func truncate(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "�")), " ")
	if runes := []rune(text); len(runes) > maxErrorText {
		return string(runes[:maxErrorText]) + "…"
	}
	return text
}
