package lambda

import (
	"errors"
	"reflect"
	"slices"
	"sync"
)

// pool holds the environments of all functions. Each serves one invocation at a
// time; an idle one is used before a new one is started.
type pool struct {
	start func(*function) (*environment, error)

	mu     sync.Mutex
	idle   []*environment
	all    map[*environment]bool
	closed bool
	ending sync.WaitGroup
}

var errStopped = errors.New("the service has stopped")

// acquire returns an environment of a function for the caller alone.
func (p *pool) acquire(fn *function) (*environment, error) {
	env, err := p.acquireIdle(fn)
	if env != nil || err != nil {
		return env, err
	}
	if env, err = p.start(fn); err != nil {
		return nil, err
	}
	p.mu.Lock()
	closed := p.closed
	if !closed {
		p.all[env] = true
	}
	p.mu.Unlock()
	if closed {
		env.stop()
		return nil, errStopped
	}
	return env, nil
}

// acquireIdle also discards the function's idle environments that have ended or
// were started before the function changed.
func (p *pool) acquireIdle(fn *function) (found *environment, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errStopped
	}
	p.idle = slices.DeleteFunc(p.idle, func(env *environment) bool {
		switch {
		case env.fn.name != fn.name:
			return false
		case !env.usable() || !reflect.DeepEqual(env.fn, fn):
			p.discard(env)
			return true
		case found == nil:
			found = env
			return true
		}
		return false
	})
	return found, nil
}

// release gives an environment back.
func (p *pool) release(env *environment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed: // close has ended it.
	case env.usable():
		p.idle = append(p.idle, env)
	default:
		p.discard(env)
	}
}

// discard ends an environment without waiting for that.
func (p *pool) discard(env *environment) {
	delete(p.all, env)
	p.ending.Go(env.stop)
}

// close ends all environments and waits for that.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	for env := range p.all {
		p.discard(env)
	}
	p.mu.Unlock()
	p.ending.Wait()
}
