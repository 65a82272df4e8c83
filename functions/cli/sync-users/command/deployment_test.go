package command

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/runs"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

// deployment is a deployment in memory. An execution ends when it has been polled a
// few times.
type deployment struct {
	mu          sync.Mutex
	executions  []run.Execution // the newest first
	polls       int
	objects     map[string]string
	loads       int // how many objects were loaded
	loadedBytes int
	lockOwner   string
	lockVersion int
	lockedAt    time.Time
	// onEnd is called with an execution that ends.
	onEnd func(*run.Execution)
	// progress, unless nil, replaces that of executions in which two polls count four users.
	progress func() (run.Progress, bool, error)
	// delay is how long Step Functions takes to know an execution.
	delay time.Duration
	// uploadDelay is how long after an upload its execution starts.
	uploadDelay time.Duration
	// onWrite is called in each call that writes, which then may be interrupted.
	onWrite func()
	// ignoresUploads: no upload starts an execution.
	ignoresUploads bool
	maxLosses      *int
	// errors are those of a part, by its name.
	errors map[string]error
}

var (
	_ connect.StateMachine = (*deployment)(nil)
	_ connect.Trigger      = (*deployment)(nil)
	_ runs.Executions      = (*deployment)(nil)
	_ runs.Records         = (*deployment)(nil)
	_ runs.ChangesLister   = (*deployment)(nil)
	_ runlock.Store        = (*deployment)(nil)
	_ runlock.Executions   = (*deployment)(nil)
)

func newDeployment() *deployment {
	return &deployment{
		objects: map[string]string{}, errors: map[string]error{},
		onWrite: func() {}, onEnd: func(e *run.Execution) { e.Status = run.StatusSucceeded },
	}
}

func (d *deployment) connection() *connect.Deployment {
	return &connect.Deployment{
		StateMachine: d, Trigger: d, Executions: d,
		MaxLosses:          d.maxLosses,
		CheckTriggerRule:   func(context.Context) error { return d.errors["rule"] },
		CountSubscriptions: func(context.Context) (int, error) { return 2, d.errors["topic"] },
		History:            runs.History{Executions: d, Records: d, RunsBucket: "runs", Lock: d, ChangesLister: d},
	}
}

func (d *deployment) CheckActive(context.Context) error { return d.errors["state machine"] }

func (d *deployment) Start(ctx context.Context, name string, input any) (string, error) {
	if d.onWrite(); ctx.Err() != nil {
		return "", ctx.Err()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	text, err := json.Marshal(input)
	d.executions = slices.Insert(d.executions, 0, run.Execution{
		Name: name, ARN: "arn:" + name, Status: run.StatusRunning, StartedAt: time.Now(), Input: string(text),
	})
	return "arn:" + name, err
}

func (d *deployment) Latest(_ context.Context, n int, wanted func(run.Execution) bool) ([]run.Execution, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	latest := slices.DeleteFunc(slices.Clone(d.executions), func(e run.Execution) bool { return wanted != nil && !wanted(e) })
	latest = latest[:min(n, len(latest))]
	for i := range latest {
		latest[i].Input, latest[i].Error, latest[i].Cause = "", "", ""
	}
	return latest, d.errors["list"]
}

func (d *deployment) Execution(_ context.Context, nameOrARN string) (run.Execution, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.executions, func(e run.Execution) bool { return e.ARN == nameOrARN || e.Name == nameOrARN })
	if i < 0 || d.delay > 0 && time.Since(d.executions[i].StartedAt) < d.delay {
		return run.Execution{}, errkind.Errorf(errkind.InvalidInput, "there is no run %q", nameOrARN)
	}
	e := &d.executions[i]
	if e.Ended() {
		return *e, nil
	}
	if d.polls++; d.polls > 4 {
		e.EndedAt = time.Now()
		d.onEnd(e)
	}
	return *e, nil
}

func (d *deployment) Progress(context.Context, string) (run.Progress, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.progress != nil {
		return d.progress()
	}
	if d.polls < 2 { // A Map Run counts its items as it reads them.
		return run.Progress{}, true, nil
	}
	return run.Progress{Total: 8, Done: 4 * (d.polls - 2)}, true, nil
}

func (d *deployment) Upload(ctx context.Context) (run.Object, error) {
	if d.onWrite(); ctx.Err() != nil {
		return run.Object{}, ctx.Err()
	}
	start := func() { _, _ = d.Start(ctx, "8d1f0c1e", map[string]string{}) }
	switch {
	case d.ignoresUploads:
	case d.uploadDelay > 0:
		time.AfterFunc(d.uploadDelay, start)
	default:
		start()
	}
	return run.Object{Bucket: "digipres-dev1-managed", Key: run.TriggerKey}, d.errors["upload"]
}

func (d *deployment) EventBridgeEnabled(context.Context) error { return d.errors["trigger"] }

func (d *deployment) Save(_ context.Context, key string, value any) (run.Object, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	text, err := json.Marshal(value)
	d.objects[key] = string(text)
	return run.Object{Bucket: "runs", Key: key}, errors.Join(err, d.errors["save"])
}

func (d *deployment) SavePage(_ context.Context, key string, html []byte) (run.Object, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.objects[key] = string(html)
	return run.Object{Bucket: "runs", Key: key}, nil
}

func (d *deployment) Load(_ context.Context, object run.Object, value any) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	text, ok := d.objects[object.Key]
	d.loads, d.loadedBytes = d.loads+1, d.loadedBytes+len(text)
	if !ok {
		return run.ErrNoObject
	}
	return json.Unmarshal([]byte(text), value)
}

func (d *deployment) Open(_ context.Context, object run.Object) (io.ReadCloser, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	text, ok := d.objects[object.Key]
	if !ok {
		return nil, run.ErrNoObject
	}
	return io.NopCloser(strings.NewReader(text)), nil
}

func (d *deployment) Names(_ context.Context, prefix string) (names []string, _ error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for key := range d.objects {
		if name, ok := strings.CutPrefix(key, "runs/"); ok && strings.HasPrefix(name, prefix) {
			names = append(names, strings.Split(name, "/")[0])
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

func (d *deployment) Changes(_ context.Context, since time.Time) (objects []run.Object, _ error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(d.objects)) {
		if strings.HasPrefix(key, run.ChangesPrefix) && key > run.ChangesSince(since) {
			objects = append(objects, run.Object{Bucket: "runs", Key: key})
		}
	}
	return objects, d.errors["changes"]
}

func (d *deployment) Read(context.Context) (runlock.Record, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	record := runlock.Record{ReadAt: time.Now()}
	if d.lockVersion > 0 {
		record.Owner, record.Version, record.WrittenAt = d.lockOwner, string(rune('0'+d.lockVersion)), d.lockedAt
	}
	return record, d.errors["lock"]
}

func (d *deployment) CompareAndSwap(ctx context.Context, owner, version string) error {
	if d.onWrite(); ctx.Err() != nil {
		return ctx.Err()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lockVersion > 0 && version != string(rune('0'+d.lockVersion)) {
		return runlock.ErrConflict
	}
	d.lockOwner, d.lockVersion, d.lockedAt = owner, d.lockVersion+1, time.Now()
	return nil
}

func (d *deployment) Lookup(ctx context.Context, arn string) (run.Execution, bool, error) {
	e, err := d.Execution(ctx, arn)
	return e, err == nil, nil
}
