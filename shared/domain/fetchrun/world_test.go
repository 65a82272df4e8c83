package fetchrun_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
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

// store is the runs bucket. It starts empty.
type store struct {
	mu      sync.Mutex
	objects map[string][]byte
	// written counts writes.
	written int
	mails   failuremail.Log
	largest int
	// dies has the next write under a key that contains it fail, as if the function was killed.
	dies string
}

var (
	_ fetchrun.RecordStore = (*store)(nil)
	_ failuremail.Logs     = (*store)(nil)
)

var errKilled = errors.New("killed")

func (s *store) Save(_ context.Context, key string, value any) (run.Object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dies != "" && strings.Contains(key, s.dies) {
		s.dies = ""
		return run.Object{}, errKilled
	}
	text, err := json.Marshal(value)
	if s.objects == nil {
		s.objects = map[string][]byte{}
	}
	s.objects[key] = text
	s.written++
	s.largest = max(s.largest, len(text))
	return run.Object{Bucket: "runs", Key: key}, err
}

func (s *store) get(key string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text, ok := s.objects[key]; ok {
		return text, nil
	}
	return nil, fmt.Errorf("%s: %w", key, run.ErrNoObject)
}

func (s *store) Load(_ context.Context, object run.Object, pointer any) error {
	text, err := s.get(object.Key)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, pointer)
}

func (s *store) LoadIfExists(ctx context.Context, key string, pointer any) (bool, error) {
	err := s.Load(ctx, run.Object{Key: key}, pointer)
	if errors.Is(err, run.ErrNoObject) {
		return false, nil
	}
	return err == nil, err
}

func (s *store) Open(_ context.Context, object run.Object) (io.ReadCloser, error) {
	text, err := s.get(object.Key)
	return io.NopCloser(bytes.NewReader(text)), err
}

func (s *store) Keys(_ context.Context, prefix string) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var keys []string
	for key := range s.objects {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys, nil
}

func (s *store) Delete(_ context.Context, keys []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range keys {
		delete(s.objects, key)
	}
	return nil
}

func (s *store) Read(context.Context) (failuremail.Log, string, error) { return s.mails, "", nil }

func (s *store) CompareAndSwap(_ context.Context, log failuremail.Log, _ string) error {
	s.mails = log
	return nil
}

// partner is a partner's server with its connector.
type partner struct {
	store *store
	files map[string]remoteFile
	// broken are folders that can't be listed, with the message of the event.
	broken map[string]string
	// silent are folders about which nothing is told.
	silent map[string]bool
	// truncated are folders with too many entries.
	truncated map[string]bool
	// failures are those of files, by path; one of each list is used at a time.
	failures map[string][]fetchrun.TransferStatus
	// whileFetched is called before a file is copied.
	whileFetched func(path string)
	// throttled is how many calls are refused.
	throttled int

	transfers                               map[string][]fetchrun.TransferStatus
	objects                                 map[string]fetchrun.Object
	now                                     func() time.Time
	listings, retrieves, removals, listSeen int
	fetched                                 []string
	tested                                  error
	// index has the entries of each folder; nil has them looked for.
	index map[string][]string
}

// candidates returns the names that may be in a folder.
func (p *partner) candidates(prefix string) iter.Seq[string] {
	if p.index == nil {
		return maps.Keys(p.files)
	}
	return slices.Values(p.index[prefix])
}

// buildIndex has large trees listed quickly, as long as no file is added.
func (p *partner) buildIndex() {
	p.index = map[string][]string{}
	for name := range p.files {
		for child := name; child != "/"; {
			parent := path.Dir(strings.TrimSuffix(child, "/")) + "/"
			_, known := p.index[parent]
			p.index[parent] = append(p.index[parent], name)
			if known && child != name {
				break
			}
			child = parent
			if parent == "//" {
				break
			}
		}
	}
}

type remoteFile struct {
	size int64
	time time.Time
}

var (
	_ fetchrun.Lister     = (*partner)(nil)
	_ fetchrun.Transferer = (*partner)(nil)
	_ fetchrun.Remover    = (*partner)(nil)
	_ fetchrun.Targets    = (*partner)(nil)
	_ fetchrun.Tester     = (*partner)(nil)
)

func (p *partner) Test(context.Context) error { return p.tested }

func (p *partner) throttle() error {
	if p.throttled > 0 {
		p.throttled--
		return errkind.Errorf(errkind.Throttled, "rate exceeded")
	}
	return nil
}

func (p *partner) StartListing(_ context.Context, folder, output string, _ int) (fetchrun.Listing, error) {
	if err := p.throttle(); err != nil {
		return fetchrun.Listing{}, err
	}
	p.listings++
	l := fetchrun.Listing{ID: fmt.Sprint("listing-", p.listings), FileName: fmt.Sprint("c-1-", p.listings, ".json")}
	files, paths := []map[string]any{}, map[string]bool{}
	prefix := strings.TrimSuffix(folder, "/") + "/"
	for name := range p.candidates(prefix) {
		file := p.files[name]
		rest, ok := strings.CutPrefix(name, prefix)
		if !ok {
			continue
		}
		if child, _, isFolder := strings.Cut(rest, "/"); isFolder {
			paths[prefix+child] = true
		} else if rest != "" {
			files = append(files, map[string]any{"filePath": name, "size": file.size, "modifiedTimestamp": file.time.Format(time.RFC3339)})
		}
	}
	message, broken := p.broken[folder]
	if _, there := p.files[prefix]; !there && len(files)+len(paths) == 0 && !broken {
		message, broken = "no such file", true
	}
	switch {
	case p.silent[folder]:
		return l, nil
	case broken:
		_, err := p.store.Save(context.Background(), fetchrun.EventKey(l.ID), fetchrun.Event{Status: "FAILED", FailureCode: "LIST_FAILED", FailureMessage: message})
		return l, err
	}
	folders := []map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(paths)) {
		folders = append(folders, map[string]string{"path": name})
	}
	p.listSeen += len(files) + len(folders)
	key := path.Join(strings.TrimPrefix(output, "/runs/"), l.FileName)
	_, err := p.store.Save(context.Background(), key, map[string]any{"files": files, "paths": folders, "truncated": fmt.Sprint(p.truncated[folder])})
	return l, err
}

func (p *partner) StartRetrieve(_ context.Context, paths []string, directory string) (string, error) {
	if err := p.throttle(); err != nil {
		return "", err
	}
	if len(paths) > 10 {
		return "", errkind.Errorf(errkind.Misconfigured, "more than ten paths")
	}
	p.retrieves++
	id := fmt.Sprint("transfer-", p.retrieves)
	if p.transfers == nil {
		p.transfers = map[string][]fetchrun.TransferStatus{}
	}
	for _, name := range paths {
		if p.whileFetched != nil {
			p.whileFetched(name)
		}
		file, ok := p.files[name]
		status := fetchrun.TransferStatus{Path: name, Status: "COMPLETED"}
		switch failures := p.failures[name]; {
		case len(failures) > 0:
			status, p.failures[name] = failures[0], failures[1:]
			status.Path, status.Status = name, "FAILED"
		case !ok:
			status.Status, status.FailureCode = "FAILED", "RETRIEVE_FILE_NOT_FOUND"
		default:
			p.fetched = append(p.fetched, name)
			p.put(strings.TrimPrefix(directory, "/")+path.Base(name), file.size)
		}
		p.transfers[id] = append(p.transfers[id], status)
	}
	return id, nil
}

// put stores an object under `bucket/key`.
func (p *partner) put(place string, size int64) {
	_, key, _ := strings.Cut(place, "/")
	if p.objects == nil {
		p.objects = map[string]fetchrun.Object{}
	}
	p.objects[place] = fetchrun.Object{Key: key, Size: size, ETag: fmt.Sprint("etag-", len(p.fetched)), StoredAt: p.now()}
}

func (p *partner) Results(_ context.Context, id string) ([]fetchrun.TransferStatus, error) {
	return p.transfers[id], nil
}

func (p *partner) StartDelete(ctx context.Context, name string) (string, error) {
	return p.removed(ctx, name, "")
}

func (p *partner) StartMove(ctx context.Context, name, target string) (string, error) {
	return p.removed(ctx, name, target)
}

func (p *partner) removed(ctx context.Context, name, target string) (string, error) {
	p.removals++
	id := fmt.Sprint("removal-", p.removals)
	file, ok := p.files[name]
	told := fetchrun.Event{Status: "COMPLETED"}
	if !ok {
		told = fetchrun.Event{Status: "FAILED", FailureMessage: "no such file"}
	}
	delete(p.files, name)
	if target != "" {
		p.files[target] = file
	}
	_, err := p.store.Save(ctx, fetchrun.EventKey(id), told)
	return id, err
}

func (p *partner) Head(_ context.Context, bucket, key string) (fetchrun.Object, bool, error) {
	object, ok := p.objects[bucket+"/"+key]
	return object, ok, nil
}

func (p *partner) List(_ context.Context, bucket, prefix string) iter.Seq2[fetchrun.Object, error] {
	return func(yield func(fetchrun.Object, error) bool) {
		for place, object := range p.objects {
			if rest, ok := strings.CutPrefix(place, bucket+"/"+prefix); ok && !strings.Contains(rest, "/") && !yield(object, nil) {
				return
			}
		}
	}
}

func (p *partner) Delete(_ context.Context, bucket, key, etag string) error {
	if object, ok := p.objects[bucket+"/"+key]; ok && object.ETag == etag {
		delete(p.objects, bucket+"/"+key)
	}
	return nil
}

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

var (
	_ fetchrun.Locks     = (*locks)(nil)
	_ runlock.Store      = lock{}
	_ runlock.Executions = (*locks)(nil)
)

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
