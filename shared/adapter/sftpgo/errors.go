package sftpgo

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Error is a response whose status is no success.
type Error struct {
	Method string
	// Path is the request's, escaped, without the query.
	Path   string
	Status int
	// Text is the message of SFTPGo's own response, or the beginning of any other
	// body: on one line, truncated, and without secrets.
	Text string
	// RetryAfter is the header of that name.
	RetryAfter string
	// response is SFTPGo's own response; nil if something else answered.
	response *apiResponse
}

// apiResponse is ApiResponse in SFTPGo's API document: the result of an operation,
// or an error.
type apiResponse struct {
	Error   string  `json:"error"`
	Message *string `json:"message"`
}

// Error returns the request, the status and the server's message.
func (e *Error) Error() string {
	text := strings.TrimSpace(fmt.Sprintf("%s %s: %d %s", e.Method, e.Path, e.Status, http.StatusText(e.Status)))
	if e.Text != "" {
		text += ": " + e.Text
	}
	if e.RetryAfter != "" {
		text += " (Retry-After: " + e.RetryAfter + ")"
	}
	return text
}

func newError(response *http.Response, body []byte, redactor redactor) *Error {
	e := &Error{
		Method:     response.Request.Method,
		Path:       response.Request.URL.EscapedPath(),
		Status:     response.StatusCode,
		RetryAfter: truncate(redactor.Redact(response.Header.Get("Retry-After"))),
	}
	text := string(body)
	var own apiResponse
	if json.Unmarshal(body, &own) == nil && own.Message != nil {
		e.response = &own
		text = own.text(e.Status)
	}
	if location := response.Header.Get("Location"); text == "" && location != "" {
		text = "to " + location
	}
	e.Text = truncate(redactor.Redact(text))
	return e
}

// text returns the message and error, without a message that only repeats the status.
func (r *apiResponse) text(status int) string {
	if *r.Message == "" || *r.Message == http.StatusText(status) {
		return r.Error
	}
	return strings.TrimSuffix(*r.Message+": "+r.Error, ": ")
}

// errorContains returns whether SFTPGo itself gave an error with that text.
func (e *Error) errorContains(text string) bool {
	return e.response != nil && strings.Contains(e.response.Error, text)
}

// isRecordNotFound returns whether SFTPGo has no record of that name. For a path that
// it does not serve, SFTPGo responds with a message and no error; the 404 of a proxy
// is not in this form at all.
func (e *Error) isRecordNotFound() bool {
	return e.Status == http.StatusNotFound && e.response != nil && e.response.Error != ""
}

func isRecordNotFound(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.isRecordNotFound()
}

// isDuplicate returns whether a record of that name exists already.
func (e *Error) isDuplicate() bool {
	return e.Status == http.StatusConflict ||
		e.Status >= 400 && (e.errorContains("already exists") || e.errorContains("duplicated key"))
}

// isUnauthenticated returns whether the server rejects the token or API key.
func (e *Error) isUnauthenticated() bool {
	return e.Status == http.StatusUnauthorized || e.errorContains(apiKeyRejected)
}
