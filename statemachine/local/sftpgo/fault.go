package sftpgo

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httputil"
	"slices"
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
	// Status, unless it is 0, is the response in place of SFTPGo's, with Body.
	Status int
	Body   string
	// Fields are added to the JSON object that is SFTPGo's response.
	Fields map[string]any

	removed chan struct{} // closed when the fault is removed
}

// Inject adds a fault, which comes before those injected earlier.
func (p *Proxy) Inject(f Fault) (remove func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f.removed = make(chan struct{})
	p.faults = slices.Insert(p.faults, 0, &f)
	return sync.OnceFunc(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.faults = slices.DeleteFunc(p.faults, func(other *Fault) bool { return other == &f })
		close(f.removed)
	})
}

// nextFault returns the first fault that concerns a request, or one that does
// nothing. The proxy must be locked.
func (p *Proxy) nextFault(route Route) *Fault {
	i := slices.IndexFunc(p.faults, func(f *Fault) bool {
		return (f.Method == "" || f.Method == route.Method) && (f.Path == "" || f.Path == route.Path)
	})
	if i < 0 {
		return &Fault{}
	}
	f := p.faults[i]
	if f.Times--; f.Times == 0 { // It is negative for a fault without an end.
		p.faults = slices.Delete(p.faults, i, i+1)
	}
	return f
}

// respond delays and answers a request as the fault says, by SFTPGo unless the
// fault has a status.
func (f *Fault) respond(w http.ResponseWriter, r *http.Request, server httputil.ReverseProxy) {
	select {
	case <-time.After(f.Delay):
	case <-f.removed:
	case <-r.Context().Done():
		return
	}
	if f.Status != 0 {
		w.WriteHeader(f.Status)
		_, _ = io.WriteString(w, f.Body)
		return
	}
	if f.Fields != nil {
		server.ModifyResponse = f.addFields
	}
	server.ServeHTTP(w, r)
}

func (f *Fault) addFields(response *http.Response) error {
	var object map[string]any
	decoder := json.NewDecoder(response.Body)
	decoder.UseNumber() // A float64 would round a long id.
	if err := decoder.Decode(&object); err != nil {
		return err
	}
	maps.Copy(object, f.Fields)
	body, err := json.Marshal(object)
	if err != nil {
		return err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	response.Header.Del("Content-Length")
	return nil
}
