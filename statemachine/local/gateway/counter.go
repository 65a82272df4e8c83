package gateway

import (
	"maps"
	"net/http"
	"sync"
)

// Counter counts requests by what they ask for. It is safe for concurrent use.
type Counter struct {
	callers func(accessKeyID string) string

	mu    sync.Mutex
	calls map[Call]int
}

// NewCounter returns a counter that names a call's caller by the access key id
// that signed it; callers answers "" for a key it does not know.
func NewCounter(callers func(accessKeyID string) string) *Counter {
	return &Counter{callers: callers, calls: map[Call]int{}}
}

// Total returns how often each call was made since the start or the last Reset.
func (c *Counter) Total() map[Call]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.calls)
}

// Reset begins to count from nothing.
func (c *Counter) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.calls)
}

func (c *Counter) count(r *http.Request) error {
	call, accessKeyID, err := callOf(r)
	if err != nil {
		return err
	}
	call.Caller = c.callers(accessKeyID)

	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[call]++
	return nil
}
