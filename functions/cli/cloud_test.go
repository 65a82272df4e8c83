package main

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

// cloud is a deployed stack in memory. A run that is started takes a look for
// each step, and then ends with the report that is there for it.
type cloud struct {
	mu         sync.Mutex
	executions []run.Execution // the newest first
	looks      int
	objects    map[string]string
	holder     string
	version    int
	writtenAt  time.Time
	// ends makes the next run's end.
	ends func(*run.Execution)
	// deaf: uploads start nothing.
	deaf bool
	fail map[string]error
}

var (
	_ workflow           = (*cloud)(nil)
	_ watcher            = (*cloud)(nil)
	_ trigger            = (*cloud)(nil)
	_ records            = (*cloud)(nil)
	_ runlock.Store      = (*cloud)(nil)
	_ runlock.Executions = (*cloud)(nil)
)

func newCloud() *cloud {
	return &cloud{objects: map[string]string{}, fail: map[string]error{}, ends: func(e *run.Execution) { e.Status = run.StatusSucceeded }}
}

func (c *cloud) CheckActive(context.Context) error { return c.fail["state machine"] }

func (c *cloud) Start(_ context.Context, name string, input any) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	text, err := json.Marshal(input)
	c.executions = slices.Insert(c.executions, 0, run.Execution{
		Name: name, ARN: "arn:" + name, Status: run.StatusRunning, StartedAt: time.Now(), Input: string(text),
	})
	return "arn:" + name, err
}

func (c *cloud) Latest(_ context.Context, n int) ([]run.Execution, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.executions[:min(n, len(c.executions))]), c.fail["list"]
}

func (c *cloud) Execution(_ context.Context, nameOrARN string) (run.Execution, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.executions, func(e run.Execution) bool { return e.ARN == nameOrARN || e.Name == nameOrARN })
	if i < 0 {
		return run.Execution{}, errkind.Errorf(errkind.InvalidInput, "there is no run %q", nameOrARN)
	}
	e := &c.executions[i]
	if e.Ended() {
		return *e, nil
	}
	if c.looks++; c.looks > 4 {
		e.EndedAt = time.Now()
		c.ends(e)
	}
	return *e, nil
}

func (c *cloud) Progress(context.Context, string) (run.Progress, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return run.Progress{Total: 8, Done: 4 * (c.looks - 2)}, c.looks > 1, nil
}

func (c *cloud) Upload(ctx context.Context) (run.Object, error) {
	if !c.deaf {
		_, _ = c.Start(ctx, "8d1f0c1e", map[string]string{})
	}
	return run.Object{Bucket: "digipres-dev1-managed", Key: run.TriggerKey}, c.fail["upload"]
}

func (c *cloud) EventBridgeEnabled(context.Context) error { return c.fail["trigger"] }

func (c *cloud) Save(_ context.Context, key string, value any) (run.Object, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	text, err := json.Marshal(value)
	c.objects[key] = string(text)
	return run.Object{Bucket: "runs", Key: key}, errors.Join(err, c.fail["save"])
}

func (c *cloud) Load(_ context.Context, object run.Object, value any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	text, ok := c.objects[object.Key]
	if !ok {
		return &types.NoSuchKey{}
	}
	return json.Unmarshal([]byte(text), value)
}

func (c *cloud) Names(_ context.Context, prefix string) (names []string, _ error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key := range c.objects {
		if name := strings.Split(key, "/")[1]; strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

func (c *cloud) Read(context.Context) (runlock.Record, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.version == 0 {
		return runlock.Record{ReadAt: time.Now()}, c.fail["turn"]
	}
	return runlock.Record{
		Owner: c.holder, Version: string(rune('0' + c.version)), WrittenAt: c.writtenAt, ReadAt: time.Now(),
	}, c.fail["turn"]
}

func (c *cloud) CompareAndSwap(_ context.Context, holder, version string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.version > 0 && version != string(rune('0'+c.version)) {
		return runlock.ErrConflict
	}
	c.holder, c.version, c.writtenAt = holder, c.version+1, time.Now()
	return nil
}

func (c *cloud) Lookup(ctx context.Context, arn string) (run.Execution, bool, error) {
	e, err := c.Execution(ctx, arn)
	return e, err == nil, nil
}
