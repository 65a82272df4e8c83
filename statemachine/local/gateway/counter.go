package gateway

import (
	"maps"
	"net/http"
	"sync"
)

// Counter counts requests by call. It is safe for concurrent use.
type Counter struct {
	caller func(accessKeyID string) string

	mu    sync.Mutex
	calls map[Call]int
}

// NewCounter returns a counter that asks caller for the function to which an
// access key belongs, or "".
func NewCounter(caller func(accessKeyID string) string) *Counter {
	return &Counter{caller: caller, calls: map[Call]int{}}
}

// Total returns the number of each call since the start or the last Reset.
func (c *Counter) Total() map[Call]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.calls)
}

// Reset sets all counts to zero.
func (c *Counter) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.calls)
}

// count counts a request and returns its call.
func (c *Counter) count(r *http.Request) (Call, error) {
	call, accessKeyID, err := parseCall(r)
	if err != nil {
		return call, err
	}
	call.Caller = c.caller(accessKeyID)

	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[call]++
	return call, nil
}
