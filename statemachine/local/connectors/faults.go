package connectors

import (
	"context"
	"time"
)

// Faults are ways in which connectors go wrong. A nil function does nothing.
type Faults struct {
	// Refuse returns the error that a request gets in place of its answer, such as
	// Throttling, or nil. It is told the operation and the connector.
	Refuse func(Work) *Refusal
	// Before is called before each piece of work, which fails if it returns a failure. It
	// may wait, which delays the work; its context ends when the service stops.
	Before func(context.Context, Work) *Failure
	// Deliver returns when the copies of an event are published, counted from when it
	// happened. None loses the event, two have it come twice, and different delays
	// change the order.
	Deliver func(Event) []time.Duration
}

// Inject has connectors go wrong until the faults are removed.
func (s *Service) Inject(faults *Faults) (remove func()) {
	s.faults.Store(faults)
	return func() { s.faults.CompareAndSwap(faults, nil) }
}

// Work is one thing that a connector does.
type Work struct {
	// Operation is the request's that asked for it, such as StartFileTransfer.
	Operation string
	// ConnectorID is the connector's.
	ConnectorID string
	// Path is the file's or directory's on the partner's server, and of a file that
	// is sent the object's in S3.
	Path string
}

// Failure is why a piece of work failed, as results and events have it.
type Failure struct{ Code, Message string }

// Error makes a failure an error.
func (f *Failure) Error() string { return f.Code + ": " + f.Message }

// Refusal is an error of Transfer's API.
type Refusal struct {
	Status        int
	Code, Message string
	// Resource and ResourceType are what wasn't found.
	Resource, ResourceType string
}

// Refusals that AWS has for every operation. ThrottlingException is also what a full queue
// and too many calls a second get.
var (
	Throttling    = &Refusal{Status: 400, Code: "ThrottlingException", Message: "Rate exceeded"}
	Unavailable   = &Refusal{Status: 500, Code: "ServiceUnavailableException", Message: "The service is unavailable"}
	InternalError = &Refusal{Status: 500, Code: "InternalServiceError", Message: "Internal error"}
)

func (s *Service) refusal(work Work) *Refusal {
	if faults := s.faults.Load(); faults != nil && faults.Refuse != nil {
		return faults.Refuse(work)
	}
	return nil
}

func (s *Service) before(work Work) *Failure {
	if faults := s.faults.Load(); faults != nil && faults.Before != nil {
		return faults.Before(s.ctx, work)
	}
	return nil
}

func (s *Service) deliveries(event Event) []time.Duration {
	if faults := s.faults.Load(); faults != nil && faults.Deliver != nil {
		return faults.Deliver(event)
	}
	return []time.Duration{0}
}
