// Package faults has servers answer some requests wrongly, late or not at all, as
// they and the networks before them do on a bad day.
package faults

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/http"
	"sync"
)

// Injector has a share of the requests that it handles go wrong. It is safe for
// concurrent use.
//
// Whether and how a request goes wrong follows from the seed, from what the request
// is, and from how many of the same kind came before it. So the same seed gives the
// same faults as long as clients send the same requests, in whichever order requests
// of different kinds arrive. Where clients react to timing, such as with a different
// number of retries, later faults may differ.
type Injector struct {
	seed  string
	share float64

	mu       sync.Mutex
	seen     map[string]int
	injected []Injected
}

// Injected is a fault that was injected.
type Injected struct {
	Request string
	Kind    Kind
}

func (i Injected) String() string { return fmt.Sprintf("%s: %s", i.Request, i.Kind) }

// NewInjector returns an injector for a share of all requests, of 0 to 1.
func NewInjector(seed string, share float64) *Injector {
	return &Injector{seed: seed, share: share, seen: map[string]int{}}
}

// Handle has a request answered by the server, or injects one of the faults. The
// name says what the request is, and is that of its repetitions too.
func (i *Injector) Handle(w http.ResponseWriter, r *http.Request, name string, server http.Handler, kinds []Kind) {
	kind, ok := i.draw(name, kinds)
	if !ok {
		server.ServeHTTP(w, r)
		return
	}
	respond[kind](w, r, server)
}

// Injected returns the faults so far, in order.
func (i *Injector) Injected() []Injected {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]Injected(nil), i.injected...)
}

// draw returns the fault for the next request of that name; false for none.
func (i *Injector) draw(name string, kinds []Kind) (Kind, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.seen[name]++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d", i.seed, name, i.seen[name]))
	if float64(binary.BigEndian.Uint32(sum[:]))/(1<<32) >= i.share {
		return "", false
	}
	kind := kinds[binary.BigEndian.Uint32(sum[4:])%uint32(len(kinds))]
	i.injected = append(i.injected, Injected{fmt.Sprintf("%s #%d", name, i.seen[name]), kind})
	return kind, true
}
