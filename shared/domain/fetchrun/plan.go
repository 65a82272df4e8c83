// Package fetchrun is a run of fetch-files: which remote folders are walked, which of their
// files are fetched, what is recorded of them, and what a run leaves.
//
// The runs bucket has, besides what runs of any system leave there:
//
//	locks/<sync>.json          which run fetches for a sync
//	walked/<sync>.json         how far the folders of a sync were walked
//	manifest/<hash>/…          which files of a remote folder were fetched
//	events/<id>.json           what Transfer Family told of a listing, a move or a deletion
//	listings/<run>/…           the listings, as the connector writes them
//	runs/<run>/…               what the steps of a run hand on, and its report
package fetchrun

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/failuremail"
	"github.com/digipres/sync-users/shared/domain/fetchconfig"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

// Plan is what a run is about. The first step writes it, and every other one reads it.
type Plan struct {
	StateMachine string    `json:"stateMachine"`
	Execution    string    `json:"execution"`
	StartedAt    time.Time `json:"startedAt"`
	Request      Request   `json:"request"`
	// Syncs are those of the run, in order of their names.
	Syncs []fetchconfig.Sync `json:"syncs"`
	// LeftOut are the names of syncs for which another run fetches.
	LeftOut []string `json:"leftOut,omitempty"`
}

// PlanKey returns the key of a run's plan in the runs bucket.
func PlanKey(execution string) string { return "runs/" + execution + "/plan.json" }

// sync returns the sync of that name, which the plan has.
func (p Plan) sync(name string) fetchconfig.Sync {
	i := slices.IndexFunc(p.Syncs, func(s fetchconfig.Sync) bool { return s.Name == name })
	if i < 0 {
		return fetchconfig.Sync{Name: name}
	}
	return p.Syncs[i]
}

// PlanEvent is the input of plan-fetch: of a run's beginning, or with Walk, of the end of a
// level of folders.
type PlanEvent struct {
	// StateMachine and Execution are the names of the workflow and its execution.
	StateMachine string    `json:"stateMachine"`
	Execution    string    `json:"execution"`
	ExecutionARN string    `json:"executionArn"`
	StartedAt    time.Time `json:"startedAt"`
	// Input is the execution's input, unparsed.
	Input json.RawMessage `json:"input"`
	// Walk is the level that was listed, and Listed what its Map returned.
	Walk   *Walk      `json:"walk"`
	Listed *MapResult `json:"listed"`
}

// MapResult is what a Distributed Map with a ResultWriter returns.
type MapResult struct {
	Manifest struct{ Bucket, Key string } `json:"ResultWriterDetails"`
}

func (r *MapResult) object() run.Object {
	return run.Object{Bucket: r.Manifest.Bucket, Key: r.Manifest.Key}
}

// LogAttrs returns the attributes of every log line.
func (e PlanEvent) LogAttrs() []slog.Attr {
	return []slog.Attr{slog.String("execution", e.Execution)}
}

// Walk is the walk of the folders, a level at a time. It is part of the workflow's state,
// which is limited to 256 KiB, so the folders and files themselves are in S3.
type Walk struct {
	// Level counts from 0, and Folders are those of the level.
	Level   int        `json:"level"`
	Folders run.Object `json:"folders"`
	Count   int        `json:"count"`
	// When there are no more folders, Batches are what is fetched and deleted, and
	// Cleanups the folders whose files are removed or moved afterwards.
	Batches      run.Object `json:"batches"`
	BatchCount   int        `json:"batchCount"`
	Cleanups     run.Object `json:"cleanups"`
	CleanupCount int        `json:"cleanupCount"`
	// MailDue is whether failures of earlier runs wait to be mailed.
	MailDue bool `json:"mailDue"`
}

// Store reads and writes the runs bucket.
type Store interface {
	run.Writer
	run.Reader
	run.Opener
}

// RecordStore is a Store that can also be asked for what may not be there.
type RecordStore interface {
	Store
	// LoadIfExists reads JSON into a value, given a pointer to it, and reports whether there
	// is any.
	LoadIfExists(ctx context.Context, key string, pointer any) (bool, error)
	// Keys returns the keys that begin with a prefix, in ascending order.
	Keys(ctx context.Context, prefix string) ([]string, error)
	// Delete deletes objects. That one is not there is no error.
	Delete(ctx context.Context, keys []string) error
}

// Locks keeps a lock for each sync.
type Locks interface {
	Lock(sync string) runlock.Store
}

// Syncs reads the syncs of the deployment.
type Syncs interface {
	Read(ctx context.Context) ([]fetchconfig.Sync, error)
}

// Tester tests the connection to the partner's server.
type Tester interface {
	// Test returns an error whose kind says why the connector can't log in.
	Test(ctx context.Context) error
}

// PlanFunction is the Lambda function plan-fetch.
type PlanFunction struct {
	Syncs      Syncs
	Locks      Locks
	Executions runlock.Executions
	Server     Tester
	Store      RecordStore
	Mails      failuremail.Logs
	Now        func() time.Time
}

// Handle begins a run: it acquires the locks of its syncs, tries the connection, and returns
// the first level of folders. It returns RunInProgress, which the workflow retries, while
// another run has a lock; Superseded instead if the schedule started the run and there is no
// other sync; InvalidInput; and errors of what it calls.
//
// After each level, it returns the next one, or if there is none, what is to be fetched.
func (f PlanFunction) Handle(ctx context.Context, event PlanEvent) (Walk, error) {
	if event.Walk != nil {
		return f.collect(ctx, event)
	}
	plan, err := f.plan(ctx, event)
	if err != nil {
		return Walk{}, err
	}
	if err := f.acquire(ctx, event.ExecutionARN, &plan); err != nil {
		return Walk{}, err
	}
	if err := f.Server.Test(ctx); err != nil {
		return Walk{}, err
	}
	folders := []Folder{}
	for _, sync := range plan.Syncs {
		var walked walkedUntil
		if _, err := f.Store.LoadIfExists(ctx, walkedKey(sync.Name), &walked); err != nil {
			return Walk{}, fmt.Errorf("read until when the sync %s was walked: %w", sync.Name, err)
		}
		folders = append(folders, roots(sync, plan.StartedAt, walked.Complete)...)
	}
	if _, err := f.Store.Save(ctx, PlanKey(plan.Execution), plan); err != nil {
		return Walk{}, fmt.Errorf("save the plan: %w", err)
	}
	return f.level(ctx, plan.Execution, 0, folders)
}

func (f PlanFunction) plan(ctx context.Context, event PlanEvent) (Plan, error) {
	syncs, err := f.Syncs.Read(ctx)
	if err != nil {
		return Plan{}, err
	}
	if len(syncs) == 0 {
		return Plan{}, errkind.Errorf(errkind.Misconfigured, "the deployment has no sync; deploy it again")
	}
	slices.SortFunc(syncs, func(a, b fetchconfig.Sync) int { return cmp.Compare(a.Name, b.Name) })
	request, err := ParseRequest(event.Input, syncs)
	if err != nil {
		return Plan{}, err
	}
	if request.Sync != "" {
		syncs = slices.DeleteFunc(syncs, func(s fetchconfig.Sync) bool { return s.Name != request.Sync })
	}
	return Plan{
		StateMachine: event.StateMachine, Execution: event.Execution, StartedAt: event.StartedAt.UTC(), Request: request, Syncs: syncs,
	}, nil
}

// acquire acquires the locks in the order of the names, so that no two runs wait for each
// other. A dry run needs none.
func (f PlanFunction) acquire(ctx context.Context, execution string, plan *Plan) error {
	if plan.Request.DryRun {
		return nil
	}
	var taken error
	plan.Syncs = slices.DeleteFunc(plan.Syncs, func(s fetchconfig.Sync) bool {
		if errkind.Of(taken) != errkind.RunInProgress && taken != nil {
			return false
		}
		err := runlock.Acquire(ctx, f.Locks.Lock(s.Name), f.Executions, execution)
		if err == nil {
			return false
		}
		taken = fmt.Errorf("sync %s: %w", s.Name, err)
		plan.LeftOut = append(plan.LeftOut, s.Name)
		return true
	})
	switch {
	case taken == nil:
		return nil
	case errkind.Of(taken) != errkind.RunInProgress || !plan.Request.Scheduled:
		return taken
	case len(plan.Syncs) == 0:
		return errkind.Errorf(errkind.Superseded, "the run that is in progress fetches the same: %w", taken)
	}
	slog.InfoContext(ctx, "another run fetches for some syncs", "syncs", strings.Join(plan.LeftOut, ", "))
	return nil
}

// level writes the folders of a level.
func (f PlanFunction) level(ctx context.Context, execution string, level int, folders []Folder) (Walk, error) {
	place, err := f.Store.Save(ctx, fmt.Sprintf("runs/%s/folders-%d.json", execution, level), folders)
	if err != nil {
		return Walk{}, fmt.Errorf("save the folders of level %d: %w", level, err)
	}
	return Walk{Level: level, Folders: place, Count: len(folders)}, nil
}

// walkedUntil is how far a sync was walked.
type walkedUntil struct {
	// Complete is the start of the last run that had everything: no folder and no file
	// failed or waits. At first it is that of the first run.
	Complete time.Time `json:"complete"`
}

func walkedKey(sync string) string { return "walked/" + sync + ".json" }

// Plans reads the plan of a run, once.
type Plans struct {
	Store run.Reader
	// Bucket is the runs bucket.
	Bucket string

	plan Plan
}

// read returns the plan of a run.
func (p *Plans) read(ctx context.Context, execution string) (Plan, error) {
	if p.plan.Execution == execution {
		return p.plan, nil
	}
	var plan Plan
	err := p.Store.Load(ctx, run.Object{Bucket: p.Bucket, Key: PlanKey(execution)}, &plan)
	if errors.Is(err, run.ErrNoObject) {
		return Plan{}, errkind.Errorf(errkind.RunLockLost, "the run %s has no plan any more; start another run, and never redrive one: %w", execution, err)
	}
	if err != nil {
		return Plan{}, fmt.Errorf("read the plan: %w", err)
	}
	p.plan = plan
	return plan, nil
}

// lockVerifier verifies that a run has the lock of a sync.
type lockVerifier struct {
	Locks Locks

	verifiers map[string]*runlock.Verifier
}

// verify returns RunLockLost if the run does not have the lock.
func (v *lockVerifier) verify(ctx context.Context, plan Plan, sync string) error {
	if plan.Request.DryRun {
		return nil
	}
	if v.verifiers == nil {
		v.verifiers = map[string]*runlock.Verifier{}
	}
	if v.verifiers[sync] == nil {
		v.verifiers[sync] = runlock.NewVerifier(v.Locks.Lock(sync))
	}
	return v.verifiers[sync].Verify(ctx, plan.StateMachine, plan.Execution)
}
