package lambda

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"sync/atomic"
	"time"

	"github.com/digipres/sync-users/statemachine/local/childproc"
)

// initLimit is the longest that a function may take until it asks for its
// first event.
const initLimit = 10 * time.Second

// unhandled is the X-Amz-Function-Error of every error: the header's other
// value belongs to older runtimes.
const unhandled = "Unhandled"

// result is what an invocation returns: the function's response, or the
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
	process *childproc.Process
	server  *http.Server

	// next hands an invocation to the process when it asks for one.
	next     chan *invocation
	current  atomic.Pointer[invocation]
	timedOut bool
}

// startEnvironment starts the command, which finds its Runtime API in its
// environment.
func startEnvironment(fn *function, command *exec.Cmd) (*environment, error) {
	env := &environment{fn: fn, next: make(chan *invocation)}
	address, err := env.serve()
	if err != nil {
		return nil, err
	}
	command.Env = append(command.Env, "AWS_LAMBDA_RUNTIME_API="+address)
	if env.process, err = childproc.Start(command); err != nil {
		_ = env.server.Close()
		return nil, err
	}
	return env, nil
}

// usable returns whether the environment can serve another invocation.
func (e *environment) usable() bool { return !e.timedOut && !e.process.Ended() }

// stop ends the process. It may be called more than once.
func (e *environment) stop() {
	e.process.Stop()
	_ = e.server.Close()
}

// invoke has the function handle an event, for as long as its timeout allows. The
// process may still be starting.
func (e *environment) invoke(payload []byte) *result {
	inv := &invocation{id: rand.Text(), payload: payload, done: make(chan *result, 1)}
	next, phase, limit := e.next, "Init", initLimit
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		select {
		case next <- inv:
			next, phase, limit = nil, "Task", e.fn.timeout
			timer.Reset(limit)
		case answer := <-inv.done:
			return answer
		case <-timer.C:
			e.timedOut = true
			return inv.failure("Sandbox.Timedout", "%s timed out after %.2f seconds", phase, limit.Seconds())
		case <-e.process.Done():
			select {
			case answer := <-inv.done: // It answered before it ended.
				return answer
			default:
				return inv.failure("Runtime.ExitError", "Runtime exited with error: %s", e.exitStatus())
			}
		}
	}
}

func (e *environment) exitStatus() string {
	if exit := new(exec.ExitError); errors.As(e.process.Err(), &exit) {
		return exit.String()
	}
	return "exit status 0"
}

// failure returns the result of an invocation that Lambda itself ended.
func (i *invocation) failure(kind, format string, args ...any) *result {
	// A map of strings always has a JSON.
	payload, _ := json.Marshal(map[string]string{
		"errorType": kind, "errorMessage": "RequestId: " + i.id + " Error: " + fmt.Sprintf(format, args...),
	})
	return &result{payload: payload, functionError: unhandled}
}
