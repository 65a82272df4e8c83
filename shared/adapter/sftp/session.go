package sftp

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	pkgsftp "github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// errStalled is the cause of a connection that was closed because the server left requests
// unanswered.
var errStalled = errors.New("the server leaves requests unanswered")

// session is a connection to a server.
type session struct {
	client     *ssh.Client
	sftp       *pkgsftp.Client
	stallLimit time.Duration

	// pending are requests without an answer; progress is when the last answer came, or the
	// first of these requests began.
	pending  atomic.Int64
	progress atomic.Int64

	closed    chan struct{}
	closeOnce sync.Once
	cause     error // why it was closed; set before closed is

	// extra are the channels besides sftp, of which free are not in use.
	extraMu sync.Mutex
	free    []*pkgsftp.Client
	refused bool // the server opens no more channels
}

func newSession(client *ssh.Client, channel *pkgsftp.Client, stallLimit time.Duration) *session {
	s := &session{client: client, sftp: channel, stallLimit: stallLimit, closed: make(chan struct{})}
	s.progress.Store(time.Now().UnixNano())
	go s.watch()
	return s
}

// close closes the connection, and all requests end with an error.
func (s *session) close(cause error) {
	s.closeOnce.Do(func() {
		s.cause = cause
		close(s.closed)
		_ = s.client.Close()
	})
}

// closeCause returns why the connection was closed, if this side did it.
func (s *session) closeCause() error {
	select {
	case <-s.closed:
		return s.cause
	default:
		return nil
	}
}

// openChannel returns a further SFTP channel of the connection, or an error if the server
// opens no more.
func (s *session) openChannel() (*pkgsftp.Client, error) {
	s.extraMu.Lock()
	defer s.extraMu.Unlock()
	if n := len(s.free); n > 0 {
		channel := s.free[n-1]
		s.free = s.free[:n-1]
		return channel, nil
	}
	if s.refused {
		return nil, errors.New("the server opens no more channels")
	}
	channel, err := newChannel(s.client)
	s.refused = err != nil
	return channel, err
}

// releaseChannel gives a channel back.
func (s *session) releaseChannel(channel *pkgsftp.Client) {
	s.extraMu.Lock()
	defer s.extraMu.Unlock()
	s.free = append(s.free, channel)
}

// begin notes that a request has begun. The connection is closed if the context ends before
// the function that it returns is called.
func (s *session) begin(ctx context.Context) (end func()) {
	stop := context.AfterFunc(ctx, func() { s.close(ctx.Err()) })
	s.beginRequest()
	return func() {
		s.endRequest()
		stop()
	}
}

func (s *session) beginRequest() {
	if s.pending.Add(1) == 1 {
		s.progress.Store(time.Now().UnixNano())
	}
}

func (s *session) endRequest() {
	s.progress.Store(time.Now().UnixNano())
	s.pending.Add(-1)
}

// watch closes the connection if the server stalls, and sends keepalives, until it is closed.
func (s *session) watch() {
	interval := min(keepaliveInterval, s.stallLimit/4)
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-s.closed:
			return
		case <-ticker.C:
		}
		if s.pending.Load() > 0 && time.Since(time.Unix(0, s.progress.Load())) > s.stallLimit {
			s.close(errStalled)
			return
		}
		go func() { _ = s.keepalive() }()
	}
}

// keepalive asks for an answer. Servers answer this unknown request with a refusal.
func (s *session) keepalive() error {
	_, _, err := s.client.SendRequest("keepalive@openssh.com", true, nil)
	return err
}

// isHealthy reports whether the server still answers.
func (s *session) isHealthy() bool {
	select {
	case <-s.closed:
		return false
	default:
	}
	if time.Since(time.Unix(0, s.progress.Load())) < time.Second {
		return true
	}
	answered := make(chan error, 1)
	go func() { answered <- s.keepalive() }()
	select {
	case err := <-answered:
		return err == nil
	case <-time.After(keepaliveLimit):
		return false
	}
}
