package lambda

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"sync"
	"time"

	"github.com/digipres/sync-users/statemachine/local/leash"
)

// initLimit is the longest that a function may take until it asks for its
// first event.
const initLimit = 10 * time.Second

// unhandled is the X-Amz-Function-Error of every error: the header's other
// value belongs to runtimes that are gone.
const unhandled = "Unhandled"

// result is what an invocation came to: the function's answer, or the
// description of an error.
type result struct {
	payload       []byte
	functionError string
}

// invocation is one event on its way through an environment.
type invocation struct {
	id      string
	payload []byte
	done    chan *result // has room for one
}

// environment is one process of a function. It serves one invocation after the
// other.
type environment struct {
	fn      *function
	process *leash.Process
	server  *http.Server

	// next hands an invocation to the process when it asks for one.
	next chan *invocation
	// failed gets the description of an error in the function's start.
	failed chan []byte

	mu      sync.Mutex
	current *invocation
	broken  bool
}

// launch starts the command, which finds its Runtime API at the address of
// server's listener.
func launch(fn *function, command *exec.Cmd) (*environment, error) {
	env := &environment{fn: fn, next: make(chan *invocation), failed: make(chan []byte, 1)}
	address, err := env.serve()
	if err != nil {
		return nil, err
	}
	command.Env = append(command.Env, "AWS_LAMBDA_RUNTIME_API="+address)
	if env.process, err = leash.Start(command); err != nil {
		_ = env.server.Close()
		return nil, err
	}
	return env, nil
}

// usable tells whether the environment can serve another invocation.
func (e *environment) usable() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	select {
	case <-e.process.Done():
		return false
	default:
		return !e.broken
	}
}

// stop ends the process. It may be called more than once.
func (e *environment) stop() {
	e.process.Stop()
	_ = e.server.Close()
}

// invoke has the function handle an event, for as long as its timeout allows.
func (e *environment) invoke(payload []byte) *result {
	inv := &invocation{id: requestID(), payload: payload, done: make(chan *result, 1)}
	if failure := e.hand(inv); failure != nil {
		e.breakDown()
		return failure
	}
	timeout := time.NewTimer(e.fn.timeout)
	defer timeout.Stop()
	select {
	case answer := <-inv.done:
		return answer
	case <-timeout.C:
		e.breakDown()
		return failure("Sandbox.Timedout", "RequestId: %s Error: Task timed out after %.2f seconds",
			inv.id, e.fn.timeout.Seconds())
	case <-e.process.Done():
		// It may have answered with its last breath.
		select {
		case answer := <-inv.done:
			return answer
		default:
			return e.exited(inv)
		}
	}
}

// hand gives the invocation to the process, which may still be starting.
func (e *environment) hand(inv *invocation) *result {
	limit := time.NewTimer(initLimit)
	defer limit.Stop()
	select {
	case e.next <- inv:
		return nil
	case description := <-e.failed:
		return &result{payload: description, functionError: unhandled}
	case <-e.process.Done():
		select {
		case description := <-e.failed:
			return &result{payload: description, functionError: unhandled}
		default:
			return e.exited(inv)
		}
	case <-limit.C:
		return failure("Sandbox.Timedout", "RequestId: %s Error: Init timed out after %.2f seconds",
			inv.id, initLimit.Seconds())
	}
}

func (e *environment) exited(inv *invocation) *result {
	status := "exit status 0"
	if exit := new(exec.ExitError); errors.As(e.process.Err(), &exit) {
		status = exit.String()
	}
	return failure("Runtime.ExitError", "RequestId: %s Error: Runtime exited with error: %s", inv.id, status)
}

// requestID is a new random UUID.
func requestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// breakDown keeps the environment from being used again.
func (e *environment) breakDown() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.broken = true
}

// failure is the answer to an invocation that Lambda itself ended.
func failure(kind, format string, args ...any) *result {
	// A map of strings always has a JSON.
	payload, _ := json.Marshal(map[string]string{
		"errorType": kind, "errorMessage": fmt.Sprintf(format, args...),
	})
	return &result{payload: payload, functionError: unhandled}
}
