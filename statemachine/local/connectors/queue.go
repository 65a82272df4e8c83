package connectors

import "sync"

// queue holds what a connector has to do, and has as many workers do it as the connector
// may have connections. A worker ends when nothing is left, and its connection with it.
type queue struct {
	// start starts a worker, which calls next for each task until it returns false.
	start func(next func() (*task, bool))

	mu      sync.Mutex
	tasks   []*task
	files   int // of the tasks, those that transfer a file
	workers int
	closed  bool
}

// add adds tasks for at most so many workers, all or none of them. It returns false if more
// files would wait than a connector takes.
func (q *queue) add(maxWorkers int, tasks ...*task) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	files := 0
	for _, t := range tasks {
		if t.isFile() {
			files++
		}
	}
	if q.closed || q.files+files > maxQueued && files > 0 {
		return false
	}
	q.files += files
	q.tasks = append(q.tasks, tasks...)
	for ; q.workers < min(maxWorkers, len(q.tasks)); q.workers++ {
		q.start(q.next)
	}
	return true
}

// next takes the next task. A worker that gets none has ended.
func (q *queue) next() (*task, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.tasks) == 0 || q.closed {
		q.workers--
		return nil, false
	}
	t := q.tasks[0]
	q.tasks = q.tasks[1:]
	if t.isFile() {
		q.files--
	}
	return t, true
}

// close has workers end after what they are doing.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
}
