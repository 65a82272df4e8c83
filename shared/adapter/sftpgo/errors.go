package sftpgo

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Error is an answer that is no success.
type Error struct {
	Method string
	// Path is the request's, escaped, without its query.
	Path   string
	Status int
	// Text is what the server said: the words of SFTPGo's own answer, or the
	// beginning of any other body. It is on one line, bounded, and without
	// secrets.
	Text string
	// RetryAfter is the header of that name.
	RetryAfter string
	// reply is SFTPGo's own answer; nil where something else answered.
	reply *reply
}

// reply is how SFTPGo words what it did or why it did not.
type reply struct {
	Error   string  `json:"error"`
	Message *string `json:"message"`
}

// Error gives the request, the status and the server's words.
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

func newError(response *http.Response, answer []byte, hide veil) *Error {
	e := &Error{
		Method:     response.Request.Method,
		Path:       response.Request.URL.EscapedPath(),
		Status:     response.StatusCode,
		RetryAfter: piece(hide.from(response.Header.Get("Retry-After"))),
	}
	text := string(answer)
	var own reply
	if json.Unmarshal(answer, &own) == nil && own.Message != nil {
		e.reply = &own
		text = own.words(e.Status)
	}
	if location := response.Header.Get("Location"); text == "" && location != "" {
		text = "to " + location
	}
	e.Text = piece(hide.from(text))
	return e
}

// words are the reply's, without those that the status says already.
func (r *reply) words(status int) string {
	if *r.Message == "" || *r.Message == http.StatusText(status) {
		return r.Error
	}
	return strings.TrimSuffix(*r.Message+": "+r.Error, ": ")
}

// says tells whether SFTPGo itself gave that reason.
func (e *Error) says(words string) bool {
	return e.reply != nil && strings.Contains(e.reply.Error, words)
}

// noRecord tells whether SFTPGo has no record of that name. Where SFTPGo has
// no such path, its answer holds no error, only a message; and a 404 of
// anything else is not in this form.
func (e *Error) noRecord() bool {
	return e.Status == http.StatusNotFound && e.reply != nil && e.reply.Error != ""
}

// isNoRecord tells whether an error is SFTPGo's answer that it has no record
// of that name.
func isNoRecord(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.noRecord()
}

// exists tells whether the name of a new record is taken.
func (e *Error) exists() bool {
	return e.Status == http.StatusConflict ||
		e.Status >= 400 && (e.says("already exists") || e.says("duplicated key"))
}

// unauthenticated tells whether the server wants other credentials than those
// of the call.
func (e *Error) unauthenticated() bool {
	return e.Status == http.StatusUnauthorized || e.says(refusedKey)
}
