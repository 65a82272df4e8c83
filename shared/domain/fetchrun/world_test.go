package fetchrun_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/failuremail"
	"github.com/digipres/sync-users/shared/domain/fetchconfig"
	"github.com/digipres/sync-users/shared/domain/fetchrun"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

var (
	_ fetchrun.RecordStore = (*store)(nil)
	_ failuremail.Logs     = (*store)(nil)
)

var errKilled = errors.New("killed")

var (
	_ fetchrun.Lister     = (*partner)(nil)
	_ fetchrun.Transferer = (*partner)(nil)
	_ fetchrun.Remover    = (*partner)(nil)
	_ fetchrun.Targets    = (*partner)(nil)
	_ fetchrun.Tester     = (*partner)(nil)
)

var (
	_ fetchrun.Locks     = (*locks)(nil)
	_ runlock.Store      = lock{}
	_ runlock.Executions = (*locks)(nil)
)

// world is a deployment with all around it. Its workflow follows the definition's.
type world struct {
	*store
	*partner
	*locks
	syncs []fetchconfig.Sync
	clock *time.Time
	runs  int
	// steps counts the invocations of functions.
	steps int
	// stateBytes is the largest state that steps have handed on.
	stateBytes int
	// events are the history's, about.
	events int
}

func (w *world) now() time.Time { return *w.clock }

type syncs []fetchconfig.Sync

func (s syncs) Read(context.Context) ([]fetchconfig.Sync, error) { return slices.Clone(s), nil }

// newWorld returns a world with one sync of /out, which edit may change.
func newWorld(t *testing.T, edit func(*fetchconfig.Sync)) *world {
	t.Helper()
	return newWorldOf(edit)
}

// newWorldOf is newWorld for benchmarks too.
func newWorldOf(edit func(*fetchconfig.Sync)) *world {
	sync := fetchconfig.Sync{
		Name: "all", LocalRepository: fetchconfig.LocalRepository{BucketName: "target", Prefix: "in"},
		RemoteFolders: fetchconfig.RemoteFolders{Folder: "/out", Recursive: true}, Schedule: "on-demand",
	}
	if edit != nil {
		edit(&sync)
	}
	clock := noon
	w := &world{syncs: []fetchconfig.Sync{sync}, clock: &clock, store: new(store)}
	w.partner = &partner{
		store: w.store, now: w.now, files: map[string]remoteFile{"/out/": {}}, broken: map[string]string{}, silent: map[string]bool{},
		truncated: map[string]bool{}, failures: map[string][]fetchrun.TransferStatus{}, objects: map[string]fetchrun.Object{},
	}
	w.locks = &locks{owners: map[string]string{}, running: map[string]bool{}, now: w.now}
	return w
}

// upload puts a file on the partner's server, an hour ago.
func (w *world) upload(name string, size int64) { w.uploadAt(name, size, w.now().Add(-time.Hour)) }

func (w *world) uploadAt(name string, size int64, at time.Time) {
	w.files[name] = remoteFile{size, at.Truncate(time.Second)}
}

func (w *world) sleep(_ context.Context, d time.Duration) error {
	*w.clock = w.clock.Add(d)
	return nil
}

// ended is a run that has ended.
type ended struct {
	fetchrun.SummarizeOutput
	report fetchrun.Report
	err    error
}

// outcomes returns the outcome of each file.
func (e ended) outcomes() map[string]fetchrun.Outcome {
	all := map[string]fetchrun.Outcome{}
	for _, result := range e.report.Results {
		all[result.Path] = result.Outcome
	}
	return all
}

// run runs the workflow, a day after the one before.
func (w *world) run(t testing.TB, input string) ended {
	t.Helper()
	w.runs++
	*w.clock = w.clock.Add(24 * time.Hour)
	return w.runNow(t, fmt.Sprint("run-", w.runs), input)
}

const machine = "arn:aws:states:us-east-1:123456789012:execution:fetch-files:"

func (w *world) runNow(t testing.TB, name, input string) ended {
	t.Helper()
	started := w.now()
	w.running[machine+name] = true
	defer delete(w.running, machine+name)
	state := map[string]any{}
	plans := func() *fetchrun.Plans { return &fetchrun.Plans{Store: w.store, Bucket: "runs"} }
	planner := fetchrun.PlanFunction{
		Syncs: syncs(w.syncs), Locks: w.locks, Executions: w.locks, Server: w.partner, Store: w.store, Mails: w.store, Now: w.now,
	}
	folders := &fetchrun.FolderFunction{
		Plans: plans(), Locks: w.locks, Lister: w.partner, Remover: w.partner, Store: w.store, Targets: w.partner, Now: w.now, Sleep: w.sleep,
	}
	batches := &fetchrun.BatchFunction{
		Plans: plans(), Locks: w.locks, Transferer: w.partner, Targets: w.partner, Store: w.store, Now: w.now, Sleep: w.sleep,
	}
	event := fetchrun.PlanEvent{StateMachine: "fetch-files", Execution: name, ExecutionARN: machine + name, StartedAt: started, Input: json.RawMessage(input)}
	walk, err := planner.Handle(t.Context(), event)
	if err == nil {
		state["walk"] = walk
		for walk.Count > 0 && err == nil {
			listed := w.distributedMap(t, fmt.Sprint(name, "-", walk.Level), walk.Folders, func(item json.RawMessage) (any, error) {
				return w.listFolder(t, folders, name, item, false)
			}, "folder")
			event.Walk, event.Listed = &walk, listed
			if walk, err = planner.Handle(t.Context(), event); err == nil {
				state["walk"] = walk
			}
			w.events += 12
		}
	}
	if err == nil && walk.BatchCount > 0 {
		state["fetched"] = w.distributedMap(t, name+"-batches", walk.Batches, func(item json.RawMessage) (any, error) {
			e := fetchrun.BatchEvent{Execution: name}
			require.NoError(t, json.Unmarshal(item, &e.Batch))
			for {
				result, err := retried(w, func() (fetchrun.BatchResult, error) { return batches.Handle(t.Context(), e) })
				if err != nil {
					return map[string]any{"batch": e.Batch.ID, "caught": cause(err)}, nil
				}
				if result.Done {
					return result, nil
				}
				*w.clock = w.clock.Add(time.Duration(result.WaitSeconds) * time.Second)
			}
		}, "batch")
	}
	if err == nil && walk.CleanupCount > 0 {
		state["cleanedUp"] = w.distributedMap(t, name+"-cleanups", walk.Cleanups, func(item json.RawMessage) (any, error) {
			return w.listFolder(t, folders, name, item, true)
		}, "folder")
	}
	if err != nil {
		if kind := errkind.Of(err); kind == errkind.Superseded || kind == errkind.RunInProgress {
			return ended{err: err}
		}
		state["error"] = cause(err)
	}
	text, jsonErr := json.Marshal(map[string]any{"stateMachine": "fetch-files", "execution": name, "startedAt": started, "state": state})
	require.NoError(t, jsonErr)
	w.stateBytes = max(w.stateBytes, len(text))
	var summarize fetchrun.SummarizeEvent
	require.NoError(t, json.Unmarshal(text, &summarize))
	output, err := fetchrun.SummarizeFunction{Store: w.store, Mails: w.store, RunsBucket: "runs", Now: w.now}.Handle(t.Context(), summarize)
	require.NoError(t, err)
	result := ended{SummarizeOutput: output}
	require.NoError(t, w.store.Load(t.Context(), output.Report, &result.report))
	return result
}

func (w *world) listFolder(t testing.TB, f *fetchrun.FolderFunction, name string, item json.RawMessage, cleanup bool) (any, error) {
	e := fetchrun.FolderEvent{Execution: name, Cleanup: cleanup}
	require.NoError(t, json.Unmarshal(item, &e.Folder))
	for {
		result, err := retried(w, func() (fetchrun.FolderResult, error) { return f.Handle(t.Context(), e) })
		if err != nil {
			return map[string]any{"folder": e.Folder, "caught": cause(err)}, nil
		}
		if result.Done {
			return result, nil
		}
		e.Progress = result.Progress
		*w.clock = w.clock.Add(time.Duration(result.WaitSeconds) * time.Second)
	}
}

// retried calls do as the workflow does: again after errors that pass.
func retried[T any](w *world, do func() (T, error)) (T, error) {
	for attempt := 0; ; attempt++ {
		w.steps++
		result, err := do()
		if err == nil || attempt == 6 || !errkind.Of(err).Retried() && !errors.Is(err, errKilled) {
			return result, err
		}
	}
}

func cause(err error) map[string]string {
	text, _ := json.Marshal(map[string]string{"errorMessage": err.Error()})
	return map[string]string{"Error": string(errkind.Of(err)), "Cause": string(text)}
}

// distributedMap calls do for each item, and writes what the ResultWriter does.
func (w *world) distributedMap(t testing.TB, name string, items run.Object, do func(json.RawMessage) (any, error), input string) *fetchrun.MapResult {
	t.Helper()
	var all []json.RawMessage
	require.NoError(t, w.store.Load(t.Context(), items, &all))
	var children []map[string]string
	for _, item := range all {
		output, err := do(item)
		require.NoError(t, err)
		text, err := json.Marshal(output)
		require.NoError(t, err)
		w.stateBytes = max(w.stateBytes, len(text), len(item))
		children = append(children, map[string]string{"Input": fmt.Sprintf(`{%q:%s}`, input, item), "Output": string(text)})
	}
	_, err := w.Save(t.Context(), "maps/"+name+"-results", children)
	require.NoError(t, err)
	manifest, err := w.Save(t.Context(), "maps/"+name, map[string]any{
		"DestinationBucket": "runs", "ResultFiles": map[string]any{"SUCCEEDED": []any{map[string]string{"Key": "maps/" + name + "-results"}}},
	})
	require.NoError(t, err)
	result := new(fetchrun.MapResult)
	result.Manifest.Bucket, result.Manifest.Key = manifest.Bucket, manifest.Key
	return result
}

// keys returns the keys in the target bucket.
func (w *world) keys() []string {
	var keys []string
	for _, object := range w.partner.objects {
		keys = append(keys, object.Key)
	}
	slices.SortFunc(keys, cmp.Compare[string])
	return keys
}

// requireNothingFetched fails if a run fetched anything.
func (w *world) requireNothingFetched(t *testing.T, e ended) {
	t.Helper()
	assert.Zero(t, e.Totals.Fetched)
	assert.False(t, e.Failed, e.Cause)
}
