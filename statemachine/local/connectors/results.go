package connectors

import (
	"sync"
	"time"
)

// fileResult is how far the transfer of one file is, as ListFileTransferResults has it.
type fileResult struct {
	FilePath       string
	StatusCode     string
	FailureCode    string `json:",omitempty"`
	FailureMessage string `json:",omitempty"`
}

// The states of a file.
const (
	queued     = "QUEUED"
	inProgress = "IN_PROGRESS"
	completed  = "COMPLETED"
	failed     = "FAILED"
)

// results are those of all transfers, by connector and transfer.
type results struct {
	now func() time.Time

	mu        sync.Mutex
	transfers map[transferKey]*transferResults
}

type transferKey struct{ connector, transfer string }

type transferResults struct {
	started time.Time
	files   []fileResult
}

func newResults(now func() time.Time) *results {
	return &results{now: now, transfers: map[transferKey]*transferResults{}}
}

// add notes a transfer whose files wait.
func (r *results) add(key transferKey, paths []string) {
	files := make([]fileResult, len(paths))
	for i, path := range paths {
		files[i] = fileResult{FilePath: path, StatusCode: queued}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.transfers[key] = &transferResults{started: r.now(), files: files}
}

// remove forgets a transfer.
func (r *results) remove(key transferKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.transfers, key)
}

// set notes the state of a file, which failed if there is a failure.
func (r *results) set(key transferKey, file int, status string, failure *Failure) {
	r.mu.Lock()
	defer r.mu.Unlock()
	result := &r.transfers[key].files[file]
	result.StatusCode = status
	if failure != nil {
		result.FailureCode, result.FailureMessage = failure.Code, failure.Message
	}
}

// page returns up to size files of a transfer from an index on, and the index of the next
// one, 0 for none. It returns false for a transfer that is unknown, or older than results are kept.
func (r *results) page(key transferKey, from, size int) ([]fileResult, int, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	transfer, ok := r.transfers[key]
	if !ok || r.now().Sub(transfer.started) > resultsKept {
		return nil, 0, false
	}
	from = min(from, len(transfer.files))
	to := min(from+size, len(transfer.files))
	next := to
	if to == len(transfer.files) {
		next = 0
	}
	return append([]fileResult{}, transfer.files[from:to]...), next, true
}
