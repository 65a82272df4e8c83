package account

import (
	"sync"
	"sync/atomic"
)

// parallel calls do for 0, 1, … n-1, at most limit of them at a time, and returns when all
// have returned. It starts no more after one has returned false.
func parallel(limit, n int, do func(i int) bool) {
	var next, stopped atomic.Int64
	var workers sync.WaitGroup
	for range min(max(limit, 1), n) {
		workers.Go(func() {
			for stopped.Load() == 0 {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if !do(i) {
					stopped.Store(1)
				}
			}
		})
	}
	workers.Wait()
}
