package fetchrun_test

import (
	"context"
	"time"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

// locks are those of all syncs.
type locks struct {
	owners  map[string]string
	running map[string]bool
	now     func() time.Time
}

type lock struct {
	*locks
	name string
}

func (l *locks) Lock(sync string) runlock.Store { return lock{l, sync} }

func (l lock) Read(context.Context) (runlock.Record, error) {
	owner := l.owners[l.name]
	return runlock.Record{Owner: owner, Version: owner, WrittenAt: l.now(), ReadAt: l.now()}, nil
}

func (l lock) CompareAndSwap(_ context.Context, owner, version string) error {
	if l.owners[l.name] != version {
		return runlock.ErrConflict
	}
	l.owners[l.name] = owner
	return nil
}

func (l *locks) Lookup(_ context.Context, arn string) (run.Execution, bool, error) {
	status := run.StatusSucceeded
	if l.running[arn] {
		status = run.StatusRunning
	}
	return run.Execution{ARN: arn, Status: status}, true, nil
}
