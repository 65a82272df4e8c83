package runlock

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

const (
	// RunTimeout is how long a run may last: the timeout of the state machine.
	RunTimeout = 24 * time.Hour
	// verifyInterval is less than InvocationTimeout, the time after which another run
	// may acquire the lock of one that was stopped.
	verifyInterval = time.Minute
)

// Verifier verifies that a run still has the lock. It reads the lock once a minute, not
// for each user. It is safe for concurrent use.
type Verifier struct {
	store Store

	mu sync.Mutex
	// verified is the run that had the lock when it was last read, at readAt.
	verified string
	readAt   time.Time
}

// NewVerifier makes a Verifier.
func NewVerifier(store Store) *Verifier { return &Verifier{store: store} }

// Verify returns RunLockLost if the execution of that state machine, both by their names,
// does not have the lock, or has had it for longer than a run may last. That is so if it
// had ended and was redriven: it would go on with what it read back then.
func (v *Verifier) Verify(ctx context.Context, stateMachine, execution string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	run := stateMachine + ":" + execution
	if v.verified == run && elapsed(v.readAt) < verifyInterval {
		return nil
	}
	readAt := time.Now()
	record, err := read(ctx, v.store)
	if err != nil {
		return err
	}
	// An execution's ARN ends with both names
	// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html).
	if !strings.HasSuffix(record.Owner, ":execution:"+run) || record.Age() > RunTimeout {
		return errkind.Errorf(errkind.RunLockLost,
			"the run %s does not have the lock any more; start another run, and never redrive one", execution)
	}
	v.verified, v.readAt = run, readAt
	return nil
}
