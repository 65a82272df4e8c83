// Package connectors carries out what the SFTP connectors of AWS Transfer Family do: it
// lists directories of a partner's real SFTP server, transfers files between that server
// and the laptop's S3, and moves and deletes files there. What connectors there are, and
// whether a request is permitted and valid, is moto's.
//
// It has AWS's limits and errors: "Scaling and limits for SFTP connectors" in the Transfer
// user guide. Where AWS's documents are silent, such as about most failure codes, a comment
// says so.
package connectors

import (
	"context"
	"log"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/transfer"

	"github.com/digipres/sync-users/statemachine/local/moto"
)

const (
	// ServiceName is how Transfer's requests are signed.
	ServiceName = "transfer"
	// principal is Transfer as a principal of IAM, which assumes connectors' roles.
	principal = "transfer.amazonaws.com"
)

// Config says where the service works.
type Config struct {
	// Endpoint is where all of the laptop's AWS is.
	Endpoint string
	// ErrorLog gets what no client is told, such as an event that can't be published.
	ErrorLog *log.Logger
	// Now is the clock for calls a second and for how long results are kept; nil for the
	// machine's.
	Now func() time.Time
}

// Service does the work of all connectors. It is an http.Handler for Operations, which
// expects requests that are authorized.
type Service struct {
	aws      aws.Config
	transfer *transfer.Client
	sts      *sts.Client
	events   *eventbridge.Client
	errlog   *log.Logger
	faults   atomic.Pointer[Faults]

	listings, tests *rate
	results         *results

	// ctx ends when the service stops, and working with all that it has begun.
	ctx     context.Context
	stop    context.CancelFunc
	working sync.WaitGroup

	mu     sync.Mutex
	queues map[string]*queue
}

// New makes a service, which does nothing before its first request.
func New(config Config) *Service {
	asService := moto.AWS(config.Endpoint, principal)
	now := config.Now
	if now == nil {
		now = time.Now
	}
	s := &Service{
		aws: asService, transfer: transfer.NewFromConfig(asService), sts: sts.NewFromConfig(asService), events: eventbridge.NewFromConfig(asService),
		errlog: config.ErrorLog, results: newResults(now), queues: map[string]*queue{},
		listings: newRate(listingsPerSecond, now), tests: newRate(testsPerSecond, now),
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// Stop ends all work and waits for that.
func (s *Service) Stop() {
	s.stop()
	s.mu.Lock()
	for _, q := range s.queues {
		q.close()
	}
	s.mu.Unlock()
	s.working.Wait()
}

// queueOf returns the queue of a connector.
func (s *Service) queueOf(id string) *queue {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, ok := s.queues[id]
	if !ok {
		q = &queue{closed: s.ctx.Err() != nil, start: func(next func() (*task, bool)) { s.working.Go(func() { s.work(next) }) }}
		s.queues[id] = q
	}
	return q
}
