package sftpgo

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Fault replaces, delays or changes SFTPGo's responses.
type Fault struct {
	// Method and Path say which requests: those of the Route. "" is any.
	Method, Path string
	// Times is how many requests it concerns; 0 is all, until it is removed.
	Times int

	// Delay comes before the response. It ends early when the fault is removed.
	Delay time.Duration
	// Status, unless it is 0, is the response in place of SFTPGo's, with Header and
	// Body.
	Status int
	Header http.Header
	Body   string
	// Fields are added to the JSON object of SFTPGo's response.
	Fields map[string]any

	removed chan struct{} // closed when the fault is removed
}

// Inject adds a fault, which comes before those injected earlier.
func (p *Proxy) Inject(f Fault) (remove func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f.removed = make(chan struct{})
	p.faults = append([]*Fault{&f}, p.faults...)
	return sync.OnceFunc(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.faults = slices.DeleteFunc(slices.Clone(p.faults), func(other *Fault) bool { return other == &f })
		close(f.removed)
	})
}

// Fail answers every request with a status, until it is removed.
func (p *Proxy) Fail(status int) (remove func()) {
	return p.Inject(Fault{Status: status, Body: http.StatusText(status)})
}

func (f *Fault) matches(r Route) bool {
	return (f.Method == "" || f.Method == r.Method) && (f.Path == "" || f.Path == r.Path)
}

// answer delays and answers a request as the fault says; it returns false if the
// request still has to be forwarded.
func (f *Fault) answer(w http.ResponseWriter, r *http.Request) bool {
	if f.Delay > 0 {
		select {
		case <-time.After(f.Delay):
		case <-f.removed:
		case <-r.Context().Done():
			return true
		}
	}
	if f.Status == 0 {
		return false
	}
	maps.Copy(w.Header(), f.Header)
	w.WriteHeader(f.Status)
	_, _ = io.WriteString(w, f.Body)
	return true
}

// fieldsKey is the context's key for the fields that addFields adds.
type fieldsKey struct{}

func withFields(r *http.Request, f *Fault) *http.Request {
	if f == nil || len(f.Fields) == 0 {
		return r
	}
	r = r.WithContext(context.WithValue(r.Context(), fieldsKey{}, f.Fields))
	r.Header.Del("Accept-Encoding") // So that addFields can read the response.
	return r
}

// addFields adds the fields to a response that is a JSON object.
func addFields(response *http.Response) error {
	fields, _ := response.Request.Context().Value(fieldsKey{}).(map[string]any)
	if fields == nil {
		return nil
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	var object map[string]any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber() // A float64 would round a long id.
	if decoder.Decode(&object) == nil {
		maps.Copy(object, fields)
		if body, err = json.Marshal(object); err != nil {
			return err
		}
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	response.ContentLength = int64(len(body))
	response.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return nil
}
