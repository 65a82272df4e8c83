package fetchrun

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/failuremail"
	"github.com/digipres/sync-users/shared/domain/fetchconfig"
	"github.com/digipres/sync-users/shared/domain/maprun"
	"github.com/digipres/sync-users/shared/domain/metrics"
	"github.com/digipres/sync-users/shared/domain/run"
)

// SummarizeEvent is the input of summarize-fetch: the state of the workflow.
type SummarizeEvent struct {
	StateMachine string    `json:"stateMachine"`
	Execution    string    `json:"execution"`
	StartedAt    time.Time `json:"startedAt"`
	State        struct {
		// Walk is absent if the run could not begin.
		Walk *Walk `json:"walk"`
		// Fetched and CleanedUp are what the Maps returned; absent if there was none.
		Fetched   *MapResult `json:"fetched"`
		CleanedUp *MapResult `json:"cleanedUp"`
		// Error is what ended the run as a whole.
		Error *struct{ Error, Cause string } `json:"error"`
	} `json:"state"`
}

// LogAttrs returns the attributes of every log line.
func (e SummarizeEvent) LogAttrs() []slog.Attr {
	return []slog.Attr{slog.String("execution", e.Execution)}
}

// SummarizeOutput is the output of summarize-fetch.
type SummarizeOutput struct {
	Execution string `json:"execution"`
	DryRun    bool   `json:"dryRun"`
	Totals    Totals `json:"totals"`
	// Report is where the whole report is.
	Report run.Object `json:"report"`
	// Failed is whether the run ends as failed, with Error and Cause.
	Failed bool   `json:"failed"`
	Error  string `json:"error"`
	Cause  string `json:"cause"`
	// Mail is absent if there is nothing to mail, or not yet.
	Mail *failuremail.Mail `json:"mail,omitempty"`
}

// SummarizeFunction is the Lambda function summarize-fetch.
type SummarizeFunction struct {
	Store RecordStore
	Mails failuremail.Logs
	// RunsBucket is the bucket of the Store.
	RunsBucket string
	Now        func() time.Time
}

// Handle writes the report of the run, and returns the totals and the mail that is due.
func (f SummarizeFunction) Handle(ctx context.Context, event SummarizeEvent) (SummarizeOutput, error) {
	var plan Plan
	begun, err := f.Store.LoadIfExists(ctx, PlanKey(event.Execution), &plan)
	if err != nil {
		return SummarizeOutput{}, fmt.Errorf("read the plan: %w", err)
	}
	report, err := f.report(ctx, event, plan, begun && event.State.Walk != nil)
	if err != nil {
		return SummarizeOutput{}, err
	}
	place, err := f.Store.Save(ctx, run.ReportKey(report.Execution), report)
	if err != nil {
		return SummarizeOutput{}, fmt.Errorf("save the report: %w", err)
	}
	if _, err := f.Store.Save(ctx, run.SummaryKey(report.Execution), report.Summary); err != nil {
		slog.WarnContext(ctx, "summary of the run not saved", "error", err)
	}
	failures := failuresOf(report)
	for _, failure := range failures {
		name, path, _ := strings.Cut(failure.Key, ": ")
		slog.ErrorContext(ctx, "failed", "sync", name, "path", path, "outcome", Failed, "kind", failure.Kind, "reason", failure.Reason)
	}
	metrics.Log(ctx, "run summarized", event.StateMachine, metricValues(report), "report", place.Key, "dryRun", strconv.FormatBool(report.DryRun))
	output := SummarizeOutput{Execution: report.Execution, DryRun: report.DryRun, Totals: report.Totals, Report: place, Failed: report.Failed()}
	switch {
	case report.Error != "":
		output.Error, output.Cause = maprun.FailName(report.Error), report.Reason
	case output.Failed:
		output.Error = "FilesFailed"
		output.Cause = fmt.Sprintf("%d files and %d folders could not be fetched: %s", report.Totals.Failed, report.Totals.FoldersFailed, place.URI())
	}
	if report.DryRun {
		return output, nil
	}
	if begun {
		if err := f.noteWalked(ctx, plan, report); err != nil {
			return SummarizeOutput{}, err
		}
	}
	output.Mail, err = failuremail.Gather(ctx, f.Mails, failuremail.Texts{
		Installation: event.StateMachine, RunsBucket: f.RunsBucket,
		One: "file or folder", Many: "files and folders", Failed: "could not be fetched",
		Stays: "Nothing is lost, and every run tries them again", Remedies: Remedies,
	}, report.EndedAt, failures, resolvedBy(plan, report, failures))
	return output, err
}

func (f SummarizeFunction) report(ctx context.Context, event SummarizeEvent, plan Plan, begun bool) (*Report, error) {
	report := &Report{Syncs: []SyncReport{}, Results: []Result{}, Summary: Summary{
		Execution: event.Execution, StartedAt: event.StartedAt, EndedAt: f.Now(), DryRun: plan.Request.DryRun, Sync: plan.Request.Sync,
	}}
	if caught := event.State.Error; caught != nil {
		report.Error, report.Reason = caught.Error, maprun.Reason(caught.Error, caught.Cause)
	}
	for _, sync := range plan.Syncs {
		report.sync(sync.Name)
	}
	for _, name := range plan.LeftOut {
		report.sync(name).LeftOut = true
	}
	if begun {
		walk := event.State.Walk
		// A level that was not collected has no record, and nothing is known of it.
		collected := walk.Level
		if walk.Batches.Key == "" {
			collected--
		}
		if err := f.addWalk(ctx, plan, collected, report); err != nil {
			return nil, err
		}
		if err := f.addBatches(ctx, event, report); err != nil {
			return nil, err
		}
		if err := f.addCleanups(ctx, event, report); err != nil {
			return nil, err
		}
	}
	report.finish()
	return report, nil
}

// addWalk adds what the walk has found.
func (f SummarizeFunction) addWalk(ctx context.Context, plan Plan, last int, report *Report) error {
	type chunk struct {
		folder Folder
		Chunk
	}
	var chunks []chunk
	deletions := map[string]int{}
	for level, err := range levels(ctx, f.Store, f.RunsBucket, plan.Execution, last) {
		if err != nil {
			return err
		}
		for name, totals := range level.Totals {
			// Those that failed are added one by one.
			totals.FoldersFailed = 0
			report.sync(name).Totals.add(totals)
		}
		for _, failure := range level.Failures {
			report.fail(failure)
		}
		report.Notes = append(report.Notes, level.Notes...)
		for _, found := range level.Found {
			for _, c := range found.Chunks {
				if c.Kind == DeleteChunk {
					deletions[found.Folder.Sync] += c.Count
				}
				if c.Kind == ResultChunk || plan.Request.DryRun {
					chunks = append(chunks, chunk{found.Folder, c})
				}
			}
		}
	}
	for _, sync := range plan.Syncs {
		if sync.Deletions != fetchconfig.Mirror || deletions[sync.Name] == 0 {
			continue
		}
		part := report.sync(sync.Name)
		if err := mayDelete(sync, part.Totals.FoldersFailed > 0, deletions[sync.Name]); errors.Is(err, errIncomplete) {
			report.Notes = append(report.Notes, fmt.Sprintf("sync %s: %v", sync.Name, err))
		} else if err != nil {
			part.Error, part.Reason = string(errkind.Of(err)), err.Error()
		}
	}
	return loadEach(ctx, f.Store, chunks, func(c chunk) run.Object { return c.Object }, func(c chunk, items []json.RawMessage) error {
		for _, item := range items {
			result, err := c.folder.wouldBe(c.Kind, item)
			if err != nil {
				return fmt.Errorf("read %s: %w", c.Object.URI(), err)
			}
			if c.Kind != DeleteChunk || report.sync(c.folder.Sync).Error == "" {
				report.add(result)
			}
		}
		return nil
	})
}

// wouldBe returns the result of an item of a chunk: its own, or what a run would do.
func (f Folder) wouldBe(kind ChunkKind, item json.RawMessage) (Result, error) {
	var result Result
	if kind == ResultChunk {
		return result, json.Unmarshal(item, &result)
	}
	var file File // A Record has the same fields.
	err := json.Unmarshal(item, &file)
	result = fileState{File: file, Folder: f}.result()
	result.Outcome = map[ChunkKind]Outcome{FetchChunk: Fetched, DeleteChunk: Deleted}[kind]
	return result, err
}

// addBatches adds what became of the batches. A batch without a result counts as failed.
func (f SummarizeFunction) addBatches(ctx context.Context, event SummarizeEvent, report *Report) error {
	walk := event.State.Walk
	if walk.BatchCount == 0 {
		return nil
	}
	failures := map[string]FolderFailure{}
	var done []run.Object
	if fetched := event.State.Fetched; fetched != nil {
		for child, err := range maprun.Children(ctx, f.Store, fetched.object()) {
			if err != nil {
				return err
			}
			var output struct {
				BatchResult
				Caught *struct{ Error, Cause string } `json:"caught"`
			}
			var input struct {
				Batch Batch `json:"batch"`
			}
			switch {
			case json.Unmarshal([]byte(child.Output), &output) == nil && output.Batch != "" && output.Caught == nil:
				done = append(done, output.Results)
				failures[output.Batch] = FolderFailure{}
			case output.Caught != nil:
				failures[output.Batch] = FolderFailure{Error: output.Caught.Error, Reason: maprun.Reason(output.Caught.Error, output.Caught.Cause)}
			case json.Unmarshal([]byte(child.Input), &input) == nil && child.Error != "":
				failures[input.Batch.ID] = FolderFailure{Error: child.Error, Reason: maprun.Reason(child.Error, child.Cause)}
			}
		}
	}
	for batch, err := range run.Items[Batch](ctx, f.Store, walk.Batches) {
		if err != nil {
			return fmt.Errorf("read the batches: %w", err)
		}
		failure, ok := failures[batch.ID]
		if !ok {
			failure = FolderFailure{Error: "NoResult", Reason: "the run ended before this file was fetched"}
		}
		if failure.Error == "" {
			continue
		}
		err := eachPart(ctx, f.Store, batch, func(folder Folder, file File) {
			result := fileState{File: file, Folder: folder}.result()
			result.Outcome, result.Error, result.Reason = Failed, failure.Error, failure.Reason
			report.add(result)
		})
		if err != nil {
			return err
		}
	}
	return loadEach(ctx, f.Store, done, func(o run.Object) run.Object { return o }, func(_ run.Object, results []Result) error {
		for _, result := range results {
			report.add(result)
		}
		return nil
	})
}

// addCleanups adds which files were removed or moved.
func (f SummarizeFunction) addCleanups(ctx context.Context, event SummarizeEvent, report *Report) error {
	if event.State.Walk.CleanupCount == 0 {
		return nil
	}
	if cleaned := event.State.CleanedUp; cleaned != nil {
		for child, err := range maprun.Children(ctx, f.Store, cleaned.object()) {
			if err != nil {
				return err
			}
			if _, failure, ok := parseFolderResult(child); ok && failure != nil {
				report.fail(*failure)
			}
		}
	}
	keys, err := f.Store.Keys(ctx, cleanupPrefix(event.Execution))
	if err != nil {
		return fmt.Errorf("list the results of the cleanup: %w", err)
	}
	return loadEach(ctx, f.Store, keys, func(key string) run.Object { return run.Object{Bucket: f.RunsBucket, Key: key} },
		func(_ string, results []Result) error {
			for _, result := range results {
				report.add(result)
			}
			return nil
		})
}

// loadAtOnce is how many objects are read at the same time.
const loadAtOnce = 32

// loadEach reads objects, several at a time, and calls do for each, one after the other in
// the given order.
func loadEach[K, T any](ctx context.Context, store run.Reader, list []K, object func(K) run.Object, do func(K, []T) error) error {
	for part := range slices.Chunk(list, loadAtOnce) {
		items, errs := make([][]T, len(part)), make([]error, len(part))
		var wait sync.WaitGroup
		for i, each := range part {
			wait.Go(func() { errs[i] = store.Load(ctx, object(each), &items[i]) })
		}
		wait.Wait()
		if err := errors.Join(errs...); err != nil {
			return fmt.Errorf("read results: %w", err)
		}
		for i, each := range part {
			if err := do(each, items[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// noteWalked notes how far syncs with a date were walked. Days in which something failed or
// waits are walked again.
func (f SummarizeFunction) noteWalked(ctx context.Context, plan Plan, report *Report) error {
	for _, sync := range plan.Syncs {
		if !fetchconfig.HasDates(sync.RemoteFolders.Folder) {
			continue
		}
		totals := report.sync(sync.Name).Totals
		isComplete := report.Error == "" && plan.Request.From == nil && totals.Failed+totals.FoldersFailed+totals.Waiting == 0
		var before walkedUntil
		known, err := f.Store.LoadIfExists(ctx, walkedKey(sync.Name), &before)
		if err == nil && (isComplete || !known) {
			_, err = f.Store.Save(ctx, walkedKey(sync.Name), walkedUntil{Complete: plan.StartedAt})
		}
		if err != nil {
			return fmt.Errorf("note until when the sync %s was walked: %w", sync.Name, err)
		}
	}
	return nil
}

// failuresOf returns what failed in the run. Keys begin with the name of the sync.
func failuresOf(report *Report) []failuremail.Failure {
	var failures []failuremail.Failure
	add := func(key, kind, reason string) {
		failures = append(failures, failuremail.Failure{Key: key, Kind: kind, Reason: reason, Execution: report.Execution, At: report.EndedAt})
	}
	if report.Error != "" {
		add("", report.Error, report.Reason)
	}
	for _, sync := range report.Syncs {
		if sync.Error != "" {
			add(sync.Name, sync.Error, sync.Reason)
		}
	}
	for _, folder := range report.Folders {
		add(folder.Sync+": "+strings.TrimSuffix(folder.Path, "/")+"/", folder.Error, folder.Reason)
	}
	for _, result := range report.Results {
		if result.Outcome == Failed {
			add(result.Sync+": "+result.Path, result.Error, result.Reason)
		}
	}
	return failures
}

// resolvedBy returns which failures the run has shown to be over, by their keys.
func resolvedBy(plan Plan, report *Report, failures []failuremail.Failure) func(key string) bool {
	failed := map[string]bool{}
	for _, failure := range failures {
		failed[failure.Key] = true
	}
	names := map[string]bool{"": true}
	for _, sync := range plan.Syncs {
		names[sync.Name] = true
	}
	return func(key string) bool {
		name, _, _ := strings.Cut(key, ": ")
		return report.Error == "" && names[name] && !failed[key]
	}
}

// metricValues returns a run's metrics. A dry run has only its duration.
func metricValues(report *Report) map[string]float64 {
	values := map[string]float64{"DurationSeconds": report.EndedAt.Sub(report.StartedAt).Seconds()}
	if report.DryRun {
		return values
	}
	maps.Copy(values, map[string]float64{
		"FilesFetched": float64(report.Totals.Fetched), "FilesFailed": float64(report.Totals.Failed),
		"FilesWaiting": float64(report.Totals.Waiting), "FoldersFailed": float64(report.Totals.FoldersFailed),
		"BytesFetched": float64(report.Totals.Bytes), "Listings": float64(report.Totals.Folders + report.Totals.FoldersFailed),
	})
	if report.Error != "" {
		values["RunsFailed"] = 1
	} else {
		values["CompleteRuns"] = 1
	}
	return values
}
