package connectors

import (
	"sync"
	"time"
)

// The limits that are not moto's to check.
const (
	// listingsPerSecond are StartDirectoryListing calls. Whether AWS counts those of an
	// account or of a connector is not documented; here it is an account's.
	listingsPerSecond = 3
	// testsPerSecond are TestConnection calls of an account.
	testsPerSecond = 1
	// maxQueued is how many files of a connector may wait to be transferred.
	maxQueued = 1000
	// defaultItems is how many entries a listing has at most if the request doesn't say.
	defaultItems = 1000
	// resultsKept is how long ListFileTransferResults has the results of a transfer.
	resultsKept = 7 * 24 * time.Hour

	maxSecret     = 12_000
	maxUsername   = 100
	maxPassword   = 1_024
	maxPrivateKey = 8_192
)

// rate allows a number of calls in any second.
type rate struct {
	now func() time.Time

	mu    sync.Mutex
	calls []time.Time // the last ones that were allowed, oldest first
}

func newRate(perSecond int, now func() time.Time) *rate {
	return &rate{now: now, calls: make([]time.Time, perSecond)}
}

// allow reports whether a call is allowed now, and counts it if so.
func (r *rate) allow() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if now.Sub(r.calls[0]) < time.Second {
		return false
	}
	r.calls = append(r.calls[1:], now)
	return true
}
