package fetchrun

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

const (
	// maxPaths is the most files of one transfer
	// (https://docs.aws.amazon.com/transfer/latest/APIReference/API_StartFileTransfer.html).
	maxPaths = 10
	// maxAttempts is how often a file is tried in a run.
	maxAttempts = 3
	// transferLimit is longer than the connector lets a file wait and be copied: 12 hours each
	// (https://docs.aws.amazon.com/transfer/latest/userguide/scale-and-limits-sftp-connector.html).
	transferLimit = 25 * time.Hour
	// workFor is how long one invocation looks for results.
	workFor = 30 * time.Second
)

// BatchEvent is the input of fetch-batch.
type BatchEvent struct {
	Execution string `json:"execution"`
	Batch     Batch  `json:"batch"`
}

// LogAttrs returns the attributes of every log line.
func (e BatchEvent) LogAttrs() []slog.Attr {
	return []slog.Attr{slog.String("execution", e.Execution), slog.String("batch", e.Batch.ID)}
}

// BatchResult is the result of fetch-batch, and the output of a child execution.
type BatchResult struct {
	Batch string `json:"batch"`
	// Done is whether all files have an outcome, which is in Results. Otherwise the function
	// has to be invoked again after WaitSeconds.
	Done        bool       `json:"done"`
	WaitSeconds int        `json:"waitSeconds"`
	Results     run.Object `json:"results,omitzero"`
}

// TransferStatus is how far the transfer of a file is.
type TransferStatus struct {
	// Path is the remote path.
	Path string
	// Status is QUEUED, IN_PROGRESS, COMPLETED or FAILED.
	Status string
	// FailureCode and FailureMessage say why it failed.
	FailureCode, FailureMessage string
}

// Transferer transfers files.
type Transferer interface {
	// StartRetrieve has up to ten files copied into a directory `/bucket/prefix`, and
	// returns the id of the transfer. It does so twice if it is called twice.
	StartRetrieve(ctx context.Context, paths []string, directory string) (string, error)
	// Results returns how far each file of a transfer is; none if it is not known any more.
	Results(ctx context.Context, transferID string) ([]TransferStatus, error)
}

// BatchFunction is the Lambda function fetch-batch.
type BatchFunction struct {
	Plans      *Plans
	Locks      Locks
	Transferer Transferer
	Targets    Targets
	Store      RecordStore
	Now        func() time.Time
	// Sleep waits, or returns the error of a context that ends.
	Sleep func(context.Context, time.Duration) error

	verifier lockVerifier
}

// batchState is how far a batch is. It is in the runs bucket, written whenever a transfer
// was started, so that an invocation goes on where the last one was killed. A transfer that
// was started in between may be made twice.
type batchState struct {
	Files     []fileState `json:"files"`
	StartedAt time.Time   `json:"startedAt"`
}

type fileState struct {
	File   File   `json:"file"`
	Folder Folder `json:"folder"`
	// Transfer is the id of the transfer; empty while it has to be started.
	Transfer string `json:"transfer,omitempty"`
	Attempts int    `json:"attempts,omitempty"`
	// Record is set when the file was fetched, and Result when it has an outcome.
	Record *Record `json:"record,omitempty"`
	Result *Result `json:"result,omitempty"`
}

func (f fileState) path() string { return f.Folder.path(f.File.Name) }

func (f fileState) result() Result {
	return Result{Sync: f.Folder.Sync, Path: f.path(), Key: f.Folder.key(f.File.Name), Size: max(f.File.Size, 0), Time: f.File.Time}
}

// Handle goes on with a batch for as long as its time allows. Files that can't be fetched
// are results, not errors.
func (f *BatchFunction) Handle(ctx context.Context, event BatchEvent) (BatchResult, error) {
	plan, err := f.Plans.read(ctx, event.Execution)
	if err != nil {
		return BatchResult{}, err
	}
	f.verifier.Locks = f.Locks
	for _, part := range event.Batch.Parts {
		if err := f.verifier.verify(ctx, plan, part.Folder.Sync); err != nil {
			return BatchResult{}, err
		}
	}
	if event.Batch.Kind == DeleteChunk {
		return f.deleteObjects(ctx, plan, event)
	}
	state, err := f.state(ctx, event)
	if err != nil {
		return BatchResult{}, err
	}
	w := batchWork{BatchFunction: f, plan: plan, batch: event.Batch, state: state}
	until, pause := f.Now().Add(workFor), 250*time.Millisecond
	for {
		if err := w.step(ctx); err != nil {
			return BatchResult{}, err
		}
		if w.done() {
			return f.finish(ctx, event, w.results())
		}
		if f.Now().After(until) {
			elapsed := f.Now().Sub(state.StartedAt)
			return BatchResult{Batch: event.Batch.ID, WaitSeconds: min(60, max(5, int(elapsed.Seconds())/8))}, nil
		}
		if err := f.Sleep(ctx, pause); err != nil {
			return BatchResult{}, err
		}
		pause = min(pause*2, 4*time.Second)
	}
}

func stateKey(event BatchEvent) string {
	return "runs/" + event.Execution + "/batches/" + event.Batch.ID + ".json"
}

// state returns how far the batch is, at first from what the walk has found.
func (f *BatchFunction) state(ctx context.Context, event BatchEvent) (*batchState, error) {
	var state batchState
	if known, err := f.Store.LoadIfExists(ctx, stateKey(event), &state); err != nil || known {
		return &state, err
	}
	state.StartedAt = f.Now()
	err := eachPart(ctx, f.Store, event.Batch, func(folder Folder, file File) {
		state.Files = append(state.Files, fileState{File: file, Folder: folder})
	})
	return &state, err
}

// eachPart calls do for each item of a batch.
func eachPart[T any](ctx context.Context, store run.Reader, batch Batch, do func(Folder, T)) error {
	for _, part := range batch.Parts {
		var items []T
		if err := store.Load(ctx, part.Object, &items); err != nil {
			return fmt.Errorf("read what is to be done in %s: %w", part.Folder.Path, err)
		}
		for _, item := range items[min(part.From, len(items)):min(part.From+part.Count, len(items))] {
			do(part.Folder, item)
		}
	}
	return nil
}

// finish writes the results of a batch.
func (f *BatchFunction) finish(ctx context.Context, event BatchEvent, results []Result) (BatchResult, error) {
	place, err := f.Store.Save(ctx, "runs/"+event.Execution+"/results/"+event.Batch.ID+".json", results)
	if err != nil {
		return BatchResult{}, fmt.Errorf("save the results: %w", err)
	}
	for _, r := range results {
		slog.InfoContext(ctx, "file handled", "sync", r.Sync, "path", r.Path, "outcome", r.Outcome, "kind", r.Error, "reason", r.Reason, "key", r.Key, "size", r.Size)
	}
	return BatchResult{Batch: event.Batch.ID, Done: true, Results: place}, nil
}

// deleteObjects deletes the objects of files that are gone, and then their records. It can
// be done again.
func (f *BatchFunction) deleteObjects(ctx context.Context, plan Plan, event BatchEvent) (BatchResult, error) {
	results, deleted := []Result{}, map[Folder][]Record{}
	var work []func() error
	err := eachPart(ctx, f.Store, event.Batch, func(folder Folder, record Record) {
		work = append(work, func() error {
			result := Result{Sync: folder.Sync, Path: folder.path(record.Name), Key: folder.key(record.Name), Size: record.Size, Outcome: Deleted}
			err := f.Targets.Delete(ctx, bucketOf(plan, folder.Sync).BucketName, result.Key, record.ETag)
			if err != nil && errkind.Of(err).Retried() {
				return err
			}
			if err != nil {
				result = result.failed(err)
			} else {
				deleted[folder] = append(deleted[folder], Record{Name: record.Name, Deleted: true})
			}
			results = append(results, result)
			return nil
		})
	})
	if err != nil {
		return BatchResult{}, err
	}
	for _, do := range work {
		if err := do(); err != nil {
			return BatchResult{}, err
		}
	}
	for folder, records := range deleted {
		if err := f.addRecords(ctx, plan, event.Batch, folder, records); err != nil {
			return BatchResult{}, err
		}
	}
	return f.finish(ctx, event, results)
}

func (f *BatchFunction) addRecords(ctx context.Context, plan Plan, batch Batch, folder Folder, records []Record) error {
	// Names are those of runs, so that they sort after the base's.
	return addRecords(ctx, f.Store, bucketOf(plan, folder.Sync).BucketName, folder, plan.Execution+"-"+batch.ID, records)
}

// batchWork is the work of an invocation.
type batchWork struct {
	*BatchFunction
	plan  Plan
	batch Batch
	state *batchState
	// recorded is how many records were written.
	recorded int
}

func (w *batchWork) done() bool {
	return !slices.ContainsFunc(w.state.Files, func(f fileState) bool { return f.Result == nil })
}

func (w *batchWork) results() []Result {
	results := []Result{}
	for _, file := range w.state.Files {
		results = append(results, *file.Result)
	}
	return results
}

// step starts what can be started, and looks how far the rest is.
func (w *batchWork) step(ctx context.Context) error {
	startErr := w.start(ctx)
	if startErr != nil && errkind.Of(startErr) != errkind.Throttled {
		return startErr
	}
	transfers := map[string][]*fileState{}
	for i := range w.state.Files {
		if file := &w.state.Files[i]; file.Result == nil && file.Transfer != "" {
			transfers[file.Transfer] = append(transfers[file.Transfer], file)
		}
	}
	changed := false
	for _, id := range slices.Sorted(maps.Keys(transfers)) {
		statuses, err := w.Transferer.Results(ctx, id)
		if err != nil && errkind.Of(err) != errkind.Throttled {
			return fmt.Errorf("ask how far the transfer %s is: %w", id, err)
		}
		for _, file := range transfers[id] {
			ended, err := w.look(ctx, file, statuses)
			if err != nil {
				return err
			}
			changed = changed || ended
		}
	}
	if !changed {
		return nil
	}
	if err := w.record(ctx); err != nil {
		return err
	}
	return w.save(ctx)
}

// start starts the transfers of files that have none. It returns Throttled, with what it
// has started, if the connector takes no more at the moment.
func (w *batchWork) start(ctx context.Context) error {
	byFolder := map[string][]*fileState{}
	for i := range w.state.Files {
		if file := &w.state.Files[i]; file.Result == nil && file.Transfer == "" {
			directory := "/" + bucketOf(w.plan, file.Folder.Sync).BucketName + "/" + file.Folder.Target
			byFolder[directory] = append(byFolder[directory], file)
		}
	}
	for _, directory := range slices.Sorted(maps.Keys(byFolder)) {
		for files := range slices.Chunk(byFolder[directory], maxPaths) {
			var paths []string
			for _, file := range files {
				paths = append(paths, file.path())
			}
			id, err := w.Transferer.StartRetrieve(ctx, paths, directory)
			if err != nil && errkind.Of(err).Retried() {
				return fmt.Errorf("start to fetch %s: %w", paths[0], err)
			}
			for _, file := range files {
				if file.Attempts++; err != nil {
					result := file.result().failed(fmt.Errorf("it can't be fetched: %w", err))
					file.Result = &result
				}
				file.Transfer = id
			}
			if err := w.save(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *batchWork) save(ctx context.Context) error {
	if _, err := w.Store.Save(ctx, stateKey(BatchEvent{w.plan.Execution, w.batch}), w.state); err != nil {
		return fmt.Errorf("save how far the batch is: %w", err)
	}
	return nil
}

// look looks how far a file is, and reports whether that has changed.
func (w *batchWork) look(ctx context.Context, file *fileState, statuses []TransferStatus) (bool, error) {
	i := slices.IndexFunc(statuses, func(s TransferStatus) bool { return baseName(s.Path) == file.File.Name })
	switch {
	case i >= 0 && statuses[i].Status == "COMPLETED":
		return true, w.verify(ctx, file)
	case i >= 0 && statuses[i].Status == "FAILED":
		w.fail(file, statuses[i])
		return true, nil
	case w.Now().Sub(w.state.StartedAt) > transferLimit:
		result := file.result().failed(errkind.Errorf(errkind.Unavailable, "the connector did not fetch it within %v", transferLimit))
		file.Result = &result
		return true, nil
	}
	return false, nil
}

// verify looks whether the object is there, with the size that was listed.
func (w *batchWork) verify(ctx context.Context, file *fileState) error {
	result := file.result()
	object, ok, err := w.Targets.Head(ctx, bucketOf(w.plan, file.Folder.Sync).BucketName, result.Key)
	switch {
	case err != nil && errkind.Of(err).Retried():
		return err
	case err != nil:
		result = result.failed(err)
	case !ok:
		w.retry(file, result.failed(errkind.Errorf(errkind.Unexpected, "the connector says that it was fetched, but there is no object %s", result.Key)))
		return nil
	case file.File.Size >= 0 && object.Size != file.File.Size:
		result.Outcome = Waiting
		result.Reason = fmt.Sprintf("it changed while it was fetched: it was listed with %d bytes, and %d came; the next run fetches it again", file.File.Size, object.Size)
	default:
		result.Outcome, result.Size = Fetched, object.Size
		file.Record = &Record{
			Name: file.File.Name, Size: file.File.Size, Time: file.File.Time, ETag: object.ETag, VersionID: object.VersionID, FetchedAt: w.Now().UTC(),
		}
	}
	file.Result = &result
	return nil
}

// fail gives a file the outcome of a transfer that failed, or has it started again.
func (w *batchWork) fail(file *fileState, status TransferStatus) {
	result := file.result()
	reason := Event{FailureCode: status.FailureCode, FailureMessage: status.FailureMessage}.reason()
	if isNotFound(status.FailureCode, status.FailureMessage) {
		result.Outcome, result.Reason = Vanished, "it was gone before it could be fetched"
		file.Result = &result
		return
	}
	kind := failureKind(status.FailureCode, status.FailureMessage)
	result = result.failed(errkind.Errorf(kind, "%s", reason))
	if kind == errkind.Unavailable || kind == errkind.Unexpected {
		w.retry(file, result)
		return
	}
	file.Result = &result
}

// retry has a file started again, or gives it a result if that was tried often enough.
func (w *batchWork) retry(file *fileState, result Result) {
	if file.Transfer = ""; file.Attempts >= maxAttempts {
		result.Reason = fmt.Sprintf("%s (tried %d times)", result.Reason, file.Attempts)
		file.Result = &result
	}
}

// record adds the files that were fetched to the manifests of their folders.
func (w *batchWork) record(ctx context.Context) error {
	records, all := map[Folder][]Record{}, 0
	for _, file := range w.state.Files {
		if file.Record != nil {
			all++
			records[file.Folder] = append(records[file.Folder], *file.Record)
		}
	}
	if all == w.recorded {
		return nil
	}
	for folder, added := range records {
		if err := w.addRecords(ctx, w.plan, w.batch, folder, added); err != nil {
			return err
		}
	}
	w.recorded = all
	return nil
}
