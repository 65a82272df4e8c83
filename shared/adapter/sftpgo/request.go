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
	// largest is the most that an answer is read of, in bytes: eight times
	// what the server takes back (1 MiB), which is some thousand folders.
	largest = 8 << 20
)

// request is a call to the REST API.
type request struct {
	method string
	// path are the segments below /api/v2, unescaped.
	path  []string
	query url.Values
	body  []byte
	// hidden are the secrets in the body, and those that let the call in.
	hidden []secret.Text
	// login tells that the call is for a token, not with one.
	login bool
}

// buildURL escapes each segment as a path wants it: `+` stays as it is, and a
// slash does not end the segment.
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

// buildRequest refuses a name that would make another resource's path of it.
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

// do makes a call with the client's credentials. When the server no longer
// takes the token or the key, it enters once more and repeats the call once.
func (c *Client) do(ctx context.Context, r request) ([]byte, error) {
	pass, err := c.enter(ctx, pass{})
	if err != nil {
		return nil, err
	}
	answer, err := c.sendWith(ctx, r, pass)
	var refused *Error
	if !errors.As(err, &refused) || !refused.unauthenticated() {
		return answer, err
	}
	if pass.isKey {
		c.refuseKey(ctx, pass, err)
	}
	if pass, err = c.enter(ctx, pass); err != nil {
		return nil, err
	}
	return c.sendWith(ctx, r, pass)
}

// sendWith makes one HTTP request with a pass.
func (c *Client) sendWith(ctx context.Context, r request, pass pass) ([]byte, error) {
	r.hidden = slices.Concat(r.hidden, pass.of.secrets())
	return c.send(ctx, r, pass.authorize)
}

// send makes one HTTP request. Without an error, the answer is the body of a
// success.
func (c *Client) send(ctx context.Context, r request, authorize func(*http.Request)) ([]byte, error) {
	httpRequest, err := c.buildRequest(ctx, r)
	if err != nil {
		return nil, err
	}
	authorize(httpRequest)
	response, err := c.http.Do(httpRequest)
	if err != nil {
		return nil, unreachable(httpRequest, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, largest+1))
	hide := newVeil(httpRequest, r.hidden)
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return nil, newError(response, answer, hide).named(r)
	}
	if err != nil {
		return nil, unreachable(httpRequest, err)
	}
	if len(answer) > largest {
		return nil, errkind.Errorf(errkind.Unexpected, "%s: the answer has more than %d MiB", line(httpRequest), largest>>20)
	}
	if response.StatusCode != http.StatusNoContent && !json.Valid(answer) {
		return nil, errkind.Errorf(errkind.Unavailable, "%s: the answer is no JSON, or cut short; is SFTPGO_HOST right? It begins: %s",
			line(httpRequest), piece(hide.from(string(answer))))
	}
	return answer, nil
}

// body makes a call and gives its answer, which is JSON.
func body[T any](ctx context.Context, c *Client, r request) (T, error) {
	var value T
	answer, err := c.do(ctx, r)
	if err != nil {
		return value, err
	}
	if err := json.Unmarshal(answer, &value); err != nil {
		return value, errkind.Errorf(errkind.Unexpected, "%s %s: read the answer: %w", r.method, c.buildURL(r).EscapedPath(), err)
	}
	return value, nil
}

// line is what an error says of a request: never its query or headers.
func line(r *http.Request) string { return r.Method + " " + r.URL.EscapedPath() }

// piece is the beginning of a text, on one line.
func piece(text string) string {
	const most = 300
	words := strings.Join(strings.Fields(strings.ToValidUTF8(text, "�")), " ")
	runes := []rune(words)
	if len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return words
}
