package sendrun_test

import (
	"context"
	"errors"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/shared/domain/sendrun"
)

func (o *objects) Head(_ context.Context, bucket, key string) (sendfile.Object, error) {
	for _, object := range *o {
		if object.Bucket == bucket && object.Key == key {
			return object, nil
		}
	}
	return sendfile.Object{}, fs.ErrNotExist
}

func (o *objects) ReadRange(context.Context, sendfile.Object, []byte, int64) error {
	return errors.New("a plan reads no content")
}

// records are those of what was sent, by path.
type records map[string]sendfile.Record

func (r records) Read(_ context.Context, _, path string) (sendfile.Record, string, error) {
	record, ok := r[path]
	if !ok {
		return sendfile.Record{}, "", nil
	}
	return record, "1", nil
}

func (r records) CompareAndSwap(context.Context, sendfile.Record, string) (string, error) {
	return "", errors.New("a plan writes nothing")
}

// partner has a directory and nothing else. Its login is counted.
type partner struct {
	directory string
	logins    int
	err       error
}

func (p *partner) Address() string { return "partner" }

func (*partner) Close() {}

func (p *partner) Connect(context.Context) error {
	p.logins++
	return p.err
}

func (p *partner) Stat(_ context.Context, path string) (sendfile.Info, error) {
	if path == p.directory {
		return sendfile.Info{IsDirectory: true}, nil
	}
	return sendfile.Info{}, fs.ErrNotExist
}

func (p *partner) Remove(context.Context, string) error { return errors.New("a plan removes nothing") }

func (p *partner) MakeDirectories(context.Context, string) error {
	return errors.New("a plan makes nothing")
}

func TestPlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "delete")
	for _, key := range []string{"out/..", "out/a", "out/in the way", "out/old", "out/x.tmp"} {
		w.upload(key, "1")
	}
	sent, err := w.objects.Head(t.Context(), "outgoing", "out/old")
	require.NoError(t, err)
	server := &partner{directory: "in the way"}
	sender := sendfile.Sender{
		Options: w.Options, Source: w.objects, Records: records{"old": {Path: "old", Object: sent, PlacedAt: noon}}, Server: server, Files: server,
	}
	selection := sendrun.Selection{Options: w.Options, Source: source, Lister: w.objects, Manifests: w.bucket}
	plan := func(look bool) map[string]sendfile.Outcome {
		outcomes := map[string]sendfile.Outcome{}
		for object, err := range selection.Select(t.Context(), sendrun.Request{Prefix: "out/"}) {
			require.NoError(t, err)
			result, err := sendrun.NewPlanner(sender, look).Plan(t.Context(), object, false)
			require.NoError(t, err)
			outcomes[result.Key] = result.Outcome
		}
		return outcomes
	}
	want := map[string]sendfile.Outcome{
		"out/..": sendfile.Failed, "out/a": sendfile.Sent, "out/in the way": sendfile.Sent, "out/old": sendfile.Unchanged, "out/x.tmp": sendfile.Skipped,
	}
	assert.Equal(t, want, plan(false))
	assert.Zero(t, server.logins, "nobody logs in")

	want["out/in the way"] = sendfile.Failed
	assert.Equal(t, want, plan(true))
	assert.NotZero(t, server.logins)

	server.err = errkind.Errorf(errkind.Unavailable, "the server is down")
	_, err = sendrun.NewPlanner(sender, true).Plan(t.Context(), sendrun.Selected{Object: (*w.objects)[1]}, false)
	assert.ErrorIs(t, err, server.err, "that is no property of the object")
}

func TestSelectNamedObjects(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "delete")
	selection := sendrun.Selection{Options: w.Options, Source: source, Lister: w.objects, Manifests: w.bucket}
	w.upload("out/other", "1")
	var keys []string
	for object, err := range selection.Select(t.Context(), sendrun.Request{Keys: []string{"out/a", "out/b.tmp"}, Prefix: "out/"}) {
		require.NoError(t, err)
		keys = append(keys, object.Key)
		assert.Equal(t, object.Key == "out/a", object.IsWaiting())
	}
	assert.Equal(t, []string{"out/a", "out/b.tmp"}, keys)
}
