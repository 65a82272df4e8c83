package sendrun_test

import (
	"context"
	"encoding/json"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/shared/domain/sendrun"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// world is a function with what it works on.
type world struct {
	sendrun.ListFunction
	*bucket
	*objects
	lock *lock
}

func newWorld(t *testing.T, after string) world {
	t.Helper()
	options, err := sendfile.NewOptions(sendfile.Config{
		Prefix: "out/", Name: "{key}", After: after, Existing: "replace", Verify: "size", Exclude: []string{"*.tmp"},
	})
	require.NoError(t, err)
	w := world{bucket: new(bucket), objects: new(objects), lock: new(lock)}
	w.ListFunction = sendrun.ListFunction{
		Options: options, Source: source, Lister: w.objects, Lock: w.lock, Executions: w.lock, Runs: w.bucket, Mails: w.bucket,
		MaxConnections: 3, InvocationTimeout: 10 * time.Minute, Now: func() time.Time { return noon },
	}
	return w
}

func (w world) upload(key, etag string) {
	*w.objects = append(*w.objects, sendfile.Object{Bucket: "outgoing", Key: key, ETag: etag, Size: 1, UploadedAt: noon})
}

// begin begins a run of that name, and returns the keys of its objects.
func (w world) begin(t *testing.T, name, input string) (*sendrun.Metadata, []string, error) {
	t.Helper()
	output, err := w.Handle(t.Context(), sendrun.ListEvent{
		StateMachine: "send-files", Execution: name, ExecutionARN: "arn:" + name, StartedAt: noon, Input: json.RawMessage(input),
	})
	if err != nil {
		return nil, nil, err
	}
	var listed []sendfile.Object
	require.NoError(t, w.bucket.Load(t.Context(), output.Run.Objects, &listed))
	var keys []string
	for _, object := range listed {
		keys = append(keys, object.Key)
	}
	assert.Len(t, keys, output.Run.Count)
	return output.Run, keys, nil
}

// end ends a run, and returns whether there is more to send.
func (w world) end(t *testing.T, metadata *sendrun.Metadata) bool {
	t.Helper()
	output, err := w.Handle(t.Context(), sendrun.ListEvent{
		Execution: metadata.Execution, ExecutionARN: "arn:" + metadata.Execution, Run: metadata,
	})
	require.NoError(t, err)
	return output.More
}

func TestListsWhatIsToBeSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "delete")
	for _, key := range []string{"out/b", "out/a", "out/x.tmp", "out/folder/", "in/c", "out/sub/d"} {
		w.upload(key, "1")
	}
	metadata, keys, err := w.begin(t, "first", `{}`)
	require.NoError(t, err)
	assert.Equal(t, []string{"out/a", "out/b", "out/sub/d"}, keys)
	assert.Equal(t, 3, metadata.MaxConnections)
	assert.False(t, w.end(t, metadata), "those that failed wait for another run")

	_, keys, err = w.begin(t, "second", `{"prefix":"out/sub/"}`)
	require.NoError(t, err)
	assert.Equal(t, []string{"out/sub/d"}, keys)
}

// An upload during a run does not start a second one, and is sent all the same.
func TestUploadDuringARun(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, running string
		// key and etag are those of the upload during the run.
		key, etag string
		want      bool
	}{
		{"another object", `{}`, "out/b", "1", true},
		{"the same one again", `{}`, "out/a", "2", true},
		{"one that is not sent", `{}`, "out/b.tmp", "1", false},
		{"a run for another object", `{"key":"out/a"}`, "out/b", "1", true},
		{"a dry run", `{"dryRun":true}`, "out/b", "1", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "delete")
			w.upload("out/a", "1")
			metadata, _, err := w.begin(t, "first", tt.running)
			require.NoError(t, err)
			w.upload(tt.key, tt.etag)

			_, _, err = w.begin(t, "second", event("outgoing", tt.key))
			assert.Equal(t, errkind.Superseded, errkind.Of(err))

			assert.Equal(t, tt.want, w.end(t, metadata))
			_, _, err = w.begin(t, "third", `{"sweep":true}`)
			assert.NoError(t, err, "the lock is released")
		})
	}
}

// Without an upload meanwhile, a run for one object is not followed by one for all.
func TestRunForOneObjectSendsNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "delete")
	w.upload("out/a", "1")
	w.upload("out/b", "1")
	metadata, keys, err := w.begin(t, "first", `{"key":"out/a"}`)
	require.NoError(t, err)
	assert.Equal(t, []string{"out/a"}, keys)
	assert.False(t, w.end(t, metadata))
}

// A run for some objects is about them alone, at its end too.
func TestRunForSomeObjectsSendsNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "delete")
	for _, key := range []string{"out/a", "out/b", "out/c"} {
		w.upload(key, "1")
	}
	metadata, keys, err := w.begin(t, "first", `{"keys":["out/c","out/a"]}`)
	require.NoError(t, err)
	assert.Equal(t, []string{"out/a", "out/c"}, keys)
	assert.Equal(t, 2, metadata.Keys)
	assert.False(t, w.end(t, metadata))
}

// countingLister counts how often objects are listed.
type countingLister struct {
	sendrun.Lister
	lists int
}

func (l *countingLister) List(ctx context.Context, bucket, prefix string) iter.Seq2[sendfile.Object, error] {
	l.lists++
	return l.Lister.List(ctx, bucket, prefix)
}

// While a run takes long, the schedule's runs tell how long the oldest object has waited. Those
// of uploads don't, because there may be a thousand.
func TestScheduleMeasuresDuringALongRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "keep")
	w.upload("out/a", "1")
	_, _, err := w.begin(t, "first", `{}`)
	require.NoError(t, err)
	for input, want := range map[string]int{`{"sweep":true}`: 1, event("outgoing", "out/a"): 0} {
		lister := &countingLister{Lister: w.objects}
		w.Lister = lister
		_, _, err = w.begin(t, "second", input)
		assert.Equal(t, errkind.Superseded, errkind.Of(err))
		assert.Equal(t, want, lister.lists, input)
	}
}

func TestRunOfAPersonWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "delete")
	_, _, err := w.begin(t, "first", `{}`)
	require.NoError(t, err)
	_, _, err = w.begin(t, "second", `{}`)
	assert.Equal(t, errkind.RunInProgress, errkind.Of(err))
}

// A run that was stopped does not look again, so nothing may rely on it.
func TestRunWaitsForOneThatWasStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "delete")
	_, _, err := w.begin(t, "first", `{}`)
	require.NoError(t, err)
	stop := func(at time.Time) {
		w.lock.ended = map[string]run.Execution{"arn:first": {Status: run.StatusAborted, EndedAt: at}}
	}
	stop(noon.Add(-w.InvocationTimeout + time.Second))
	_, _, err = w.begin(t, "second", `{"sweep":true}`)
	assert.Equal(t, errkind.RunInProgress, errkind.Of(err))
	assert.ErrorContains(t, err, "may still be writing for 1s")
	stop(noon.Add(-w.InvocationTimeout))
	_, _, err = w.begin(t, "second", `{"sweep":true}`)
	assert.NoError(t, err, "the invocations of the other one have ended")
}

// The lock may be released between two readings: then nobody else looks.
func TestRunIsNotSupersededByOneThatEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "delete")
	_, _, err := w.begin(t, "first", `{"dryRun":true}`)
	require.NoError(t, err)
	reads := 0
	w.lock.beforeRead = func() {
		if reads++; reads == 3 {
			w.lock.owner = ""
		}
	}
	_, _, err = w.begin(t, "second", `{"sweep":true}`)
	assert.Equal(t, errkind.RunInProgress, errkind.Of(err))
}

func TestSentObjectsThatAreKeptAreNotLookedAtAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "keep")
	w.upload("out/a", "1")
	metadata, _, err := w.begin(t, "first", `{}`)
	require.NoError(t, err)
	w.summarize(t, metadata, `{"bucket":"outgoing","key":"out/a","etag":"1","size":1,"uploadedAt":"2026-01-01T12:00:00Z","done":true,"outcome":"sent","after":"keep"}`)
	assert.False(t, w.end(t, metadata))

	w.upload("out/b", "1")
	w.upload("out/a", "2")
	_, keys, err := w.begin(t, "second", `{}`)
	require.NoError(t, err)
	assert.Equal(t, []string{"out/a", "out/b"}, keys, "another version, and another object")

	w.lock.owner = ""
	_, keys, err = w.begin(t, "third", `{"resend":true}`)
	require.NoError(t, err)
	assert.Len(t, keys, 3)
}
