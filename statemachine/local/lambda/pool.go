package lambda

import (
	"errors"
	"sync"
)

// pool holds the environments of one version of a function. Each serves one
// invocation at a time; an idle one is taken before a new one is started.
type pool struct {
	fn    *function
	start func() (*environment, error)

	mu      sync.Mutex
	idle    []*environment
	all     map[*environment]bool
	retired bool
	closed  bool
	// ending are the environments that are on their way out.
	ending sync.WaitGroup
}

// take returns an environment that nobody else has.
func (p *pool) take() (*environment, error) {
	if env := p.takeIdle(); env != nil {
		return env, nil
	}
	env, err := p.start()
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		p.ending.Go(env.stop)
		return nil, errors.New("the service has stopped")
	}
	if p.all == nil {
		p.all = map[*environment]bool{}
	}
	p.all[env] = true
	return env, nil
}

func (p *pool) takeIdle() *environment {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.idle) > 0 {
		last := len(p.idle) - 1
		env := p.idle[last]
		p.idle = p.idle[:last]
		if env.usable() {
			return env
		}
		delete(p.all, env)
		p.ending.Go(env.stop)
	}
	return nil
}

// put gives an environment back. One that cannot be used again, or whose
// version was replaced meanwhile, is ended.
func (p *pool) put(env *environment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if env.usable() && !p.retired && !p.closed {
		p.idle = append(p.idle, env)
		return
	}
	delete(p.all, env)
	p.ending.Go(env.stop)
}

// retire ends the idle environments now, and each busy one after its
// invocation.
func (p *pool) retire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.retired = true
	idle := p.idle
	p.idle = nil
	for _, env := range idle {
		delete(p.all, env)
		p.ending.Go(env.stop)
	}
}

// close ends all environments and waits for that.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	all := p.all
	p.all, p.idle = nil, nil
	p.mu.Unlock()

	for env := range all {
		p.ending.Go(env.stop)
	}
	p.ending.Wait()
}
