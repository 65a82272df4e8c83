package lambda

import (
	"errors"
	"reflect"
	"sync"
)

// pool holds the environments of all functions. Each serves one invocation at a
// time; an idle one is used before a new one is started.
type pool struct {
	start func(*function) (*environment, error)

	mu     sync.Mutex
	idle   map[*environment]bool // false for those that are busy
	closed bool
	ending sync.WaitGroup
}

var errStopped = errors.New("the service has stopped")

// acquire returns an environment of a function for the caller alone.
func (p *pool) acquire(fn *function) (*environment, error) {
	if env := p.acquireIdle(fn); env != nil {
		return env, nil
	}
	env, err := p.start(fn)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		env.stop()
		return nil, errStopped
	}
	p.idle[env] = false
	return env, nil
}

// acquireIdle returns an idle environment of the function, or nil. It discards
// those that have ended or were started before the function changed.
func (p *pool) acquireIdle(fn *function) (found *environment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for env, idle := range p.idle {
		switch {
		case !idle || env.fn.name != fn.name:
		case !env.usable() || !reflect.DeepEqual(env.fn, fn):
			p.discard(env)
		case found == nil:
			found = env
			p.idle[env] = false
		}
	}
	return found
}

// release gives an environment back.
func (p *pool) release(env *environment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed: // close has ended it.
	case env.usable():
		p.idle[env] = true
	default:
		p.discard(env)
	}
}

// kill kills the busy environments of a function, and returns how many.
func (p *pool) kill(name string) (killed int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for env, idle := range p.idle {
		if !idle && env.fn.name == name {
			env.process.Kill()
			killed++
		}
	}
	return killed
}

// discard ends an environment without waiting for that.
func (p *pool) discard(env *environment) {
	delete(p.idle, env)
	p.ending.Go(env.stop)
}

// close ends all environments and waits for that.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	for env := range p.idle {
		p.discard(env)
	}
	p.mu.Unlock()
	p.ending.Wait()
}
