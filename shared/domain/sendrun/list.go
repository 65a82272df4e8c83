package sendrun

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"strconv"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/failuremail"
	"github.com/digipres/sync-users/shared/domain/metrics"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

// maxObjects is how many objects a run has at most, so that they fit into the memory of a
// function. The run after it has the next.
const maxObjects = 50_000

// ListEvent is the input of list-objects.
type ListEvent struct {
	// StateMachine and Execution are the names of the workflow and its execution.
	StateMachine string    `json:"stateMachine"`
	Execution    string    `json:"execution"`
	ExecutionARN string    `json:"executionArn"`
	StartedAt    time.Time `json:"startedAt"`
	// Input is the execution's input, unparsed.
	Input json.RawMessage `json:"input"`
	// Run is set at the end of a run, to ask whether there is more to send.
	Run *Metadata `json:"run"`
}

// LogAttrs returns the attributes of every log line.
func (e ListEvent) LogAttrs() []slog.Attr {
	return []slog.Attr{slog.String("execution", e.Execution)}
}

// ListOutput is the output of list-objects: the run at its beginning, and whether there is
// more to send at its end.
type ListOutput struct {
	Run  *Metadata `json:"run,omitempty"`
	More bool      `json:"more"`
}

// Lister lists objects.
type Lister interface {
	// List returns the objects whose keys begin with a prefix, in order of key. The last
	// one comes with an error if there are more that can't be listed.
	List(ctx context.Context, bucket, prefix string) iter.Seq2[sendfile.Object, error]
}

// ListFunction is the Lambda function list-objects, the beginning of a run and its end.
type ListFunction struct {
	Options    sendfile.Options
	Source     Source
	Lister     Lister
	Lock       runlock.Store
	Executions runlock.Executions
	Runs       interface {
		ManifestStore
		run.Opener
	}
	Mails failuremail.Logs
	// MaxConnections is how many objects the workflow sends at once.
	MaxConnections int
	// InvocationTimeout is how long an invocation of any function of the workflow may take.
	InvocationTimeout time.Duration
	Now               func() time.Time
}

// Handle begins a run: it acquires the lock and lists the objects that are to be sent. It
// returns RunInProgress, which the workflow retries, while another run has the lock, or
// instead Superseded if that run will look once more before it ends, and this one need not
// wait for it; InvalidInput; and errors of what it calls.
//
// At the end of a run it releases the lock, and only then looks whether there are objects
// that the run did not know. An upload whose own run found the lock taken was there before
// it was released, and is seen.
func (f ListFunction) Handle(ctx context.Context, event ListEvent) (ListOutput, error) {
	if event.Run != nil {
		more, err := f.lookAgain(ctx, event)
		return ListOutput{More: more}, err
	}
	request, err := ParseRequest(event.Input, f.Source)
	if err != nil {
		return ListOutput{}, err
	}
	if err := f.acquire(ctx, event, request); err != nil {
		if request.Sweep && errkind.Of(err) == errkind.Superseded {
			f.measure(ctx, event, request)
		}
		return ListOutput{}, err
	}
	objects, err := f.listObjects(ctx, event, request)
	if err != nil {
		return ListOutput{}, err
	}
	place, err := f.Runs.Save(ctx, ObjectsKey(event.Execution), objects)
	if err != nil {
		return ListOutput{}, fmt.Errorf("save the objects of the run: %w", err)
	}
	log, _, err := f.Mails.Read(ctx)
	if err != nil {
		return ListOutput{}, fmt.Errorf("read which failures were mailed: %w", err)
	}
	slog.InfoContext(ctx, "objects listed", "objects", len(objects), "key", request.Key, "keys", len(request.Keys), "prefix", request.Prefix, "dryRun", strconv.FormatBool(request.DryRun))
	return ListOutput{Run: &Metadata{
		StateMachine: event.StateMachine, Execution: event.Execution, StartedAt: event.StartedAt,
		DryRun: request.DryRun, Resend: request.Resend, Key: request.Key, Keys: len(request.Keys), Prefix: request.Prefix,
		Objects: place, Count: len(objects), MaxConnections: f.MaxConnections, MailDue: log.Due(f.Now()),
	}}, nil
}

func (f ListFunction) acquire(ctx context.Context, event ListEvent, request Request) error {
	err := runlock.AcquireAfter(ctx, f.Lock, f.Executions, event.ExecutionARN, f.InvocationTimeout)
	if errkind.Of(err) != errkind.RunInProgress || request.Waits {
		return err
	}
	owner, heldErr := runlock.Holder(ctx, f.Lock, f.Executions)
	if heldErr != nil || owner == "" {
		return err // The owner may have ended without looking again, if it was stopped.
	}
	if _, saveErr := f.Runs.Save(ctx, SupersededKey, superseded{By: owner}); saveErr != nil {
		return err
	}
	// If the owner has the lock after that was written, it reads it when it has released it.
	if still, heldErr := runlock.Holder(ctx, f.Lock, f.Executions); heldErr != nil || still != owner {
		return err
	}
	return errkind.Errorf(errkind.Superseded, "the run that is in progress looks once more before it ends: %w", err)
}

// listObjects returns the objects of the run, in order of key. It tidies the manifest.
func (f ListFunction) listObjects(ctx context.Context, event ListEvent, request Request) ([]sendfile.Object, error) {
	if objects := request.objects(f.Source); len(objects) > 0 {
		return objects, nil
	}
	found, err := f.find(ctx, request)
	if err != nil {
		return nil, err
	}
	if request.Prefix == f.Source.Prefix {
		found.log(ctx, event.StateMachine, f.Now())
		// Objects that are gone need no entry any more.
		if len(found.manifest) > 2*len(found.listed)+1000 {
			return found.objects, found.listed.save(ctx, f.Runs)
		}
	}
	return found.objects, nil
}

// measure logs what waits while another run is in progress. One that lasts for hours would
// hide it otherwise.
func (f ListFunction) measure(ctx context.Context, event ListEvent, request Request) {
	found, err := f.find(ctx, request)
	if err != nil {
		slog.WarnContext(ctx, "what waits was not measured", "error", err)
		return
	}
	found.log(ctx, event.StateMachine, f.Now())
}

// found is what is under a prefix.
type found struct {
	// objects are those to be sent.
	objects []sendfile.Object
	// manifest is as it was read, and listed those of its entries that are still there.
	manifest, listed Manifest
	// oldest is when the first of those that wait was uploaded; zero if none waits.
	oldest time.Time
}

func (f ListFunction) find(ctx context.Context, request Request) (all found, err error) {
	all = found{objects: []sendfile.Object{}, listed: Manifest{}}
	selection := f.selection()
	if all.manifest, err = selection.manifest(ctx, request); err != nil {
		return found{}, err
	}
	for object, err := range selection.selectBy(ctx, request, all.manifest) {
		switch {
		case err != nil:
			return found{}, err
		case object.SentBefore:
			all.listed[hash(object.Object)] = true
			continue
		case object.SkipReason != "":
			continue
		case len(all.objects) < maxObjects:
			all.objects = append(all.objects, object.Object)
		}
		if all.oldest.IsZero() || object.UploadedAt.Before(all.oldest) {
			all.oldest = object.UploadedAt
		}
	}
	return all, nil
}

// log logs the metrics of what waits.
func (f found) log(ctx context.Context, stateMachine string, now time.Time) {
	age := time.Duration(0)
	if !f.oldest.IsZero() {
		age = now.Sub(f.oldest)
	}
	metrics.Log(ctx, "objects waiting", stateMachine, map[string]float64{
		"ObjectsWaiting": float64(len(f.objects)), "OldestUnsentSeconds": max(0, age.Seconds()),
	})
}

func (f ListFunction) selection() Selection {
	return Selection{Options: f.Options, Source: f.Source, Lister: f.Lister, Manifests: f.Runs}
}
