package sendrun_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"iter"
	"slices"
	"strings"

	"github.com/digipres/sync-users/shared/domain/failuremail"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/shared/domain/sendrun"
)

// bucket is the runs bucket, with the log of mails. It starts empty.
type bucket struct {
	objects map[string][]byte
	mails   failuremail.Log
}

var (
	_ sendrun.Store    = (*bucket)(nil)
	_ failuremail.Logs = (*bucket)(nil)
)

func (b *bucket) Save(_ context.Context, key string, value any) (run.Object, error) {
	text, err := json.Marshal(value)
	return b.put(key, text), err
}

func (b *bucket) put(key string, content []byte) run.Object {
	if b.objects == nil {
		b.objects = map[string][]byte{}
	}
	b.objects[key] = content
	return run.Object{Bucket: "runs", Key: key}
}

func (b *bucket) SavePage(_ context.Context, key string, html []byte) (run.Object, error) {
	return b.put(key, html), nil
}

func (b *bucket) Load(_ context.Context, object run.Object, pointer any) error {
	text, ok := b.objects[object.Key]
	if !ok {
		return fs.ErrNotExist
	}
	return json.Unmarshal(text, pointer)
}

func (b *bucket) LoadIfExists(ctx context.Context, key string, pointer any) (bool, error) {
	if _, ok := b.objects[key]; !ok {
		return false, nil
	}
	return true, b.Load(ctx, run.Object{Key: key}, pointer)
}

func (b *bucket) Open(_ context.Context, object run.Object) (io.ReadCloser, error) {
	text, ok := b.objects[object.Key]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(text)), nil
}

func (b *bucket) Read(context.Context) (failuremail.Log, string, error) { return b.mails, "", nil }

func (b *bucket) CompareAndSwap(_ context.Context, log failuremail.Log, _ string) error {
	b.mails = log
	return nil
}

// objects are those of the source bucket.
type objects []sendfile.Object

var _ sendrun.Lister = (*objects)(nil)

func (o *objects) List(_ context.Context, bucket, prefix string) iter.Seq2[sendfile.Object, error] {
	sorted := slices.SortedFunc(slices.Values(*o), func(a, b sendfile.Object) int { return cmp.Compare(a.Key, b.Key) })
	return func(yield func(sendfile.Object, error) bool) {
		for _, object := range sorted {
			if object.Bucket == bucket && strings.HasPrefix(object.Key, prefix) && !yield(object, nil) {
				return
			}
		}
	}
}

// lock is the lock of runs that never end by themselves, but for those in ended.
type lock struct {
	owner string
	ended map[string]run.Execution
	// beforeRead is called before each reading.
	beforeRead func()
}

var (
	_ runlock.Store      = (*lock)(nil)
	_ runlock.Executions = (*lock)(nil)
)

func (l *lock) Read(context.Context) (runlock.Record, error) {
	if l.beforeRead != nil {
		l.beforeRead()
	}
	return runlock.Record{Owner: l.owner, Version: l.owner, WrittenAt: noon, ReadAt: noon}, nil
}

func (l *lock) CompareAndSwap(_ context.Context, owner, version string) error {
	if version != l.owner {
		return runlock.ErrConflict
	}
	l.owner = owner
	return nil
}

func (l *lock) Lookup(_ context.Context, arn string) (run.Execution, bool, error) {
	if e, ok := l.ended[arn]; ok {
		return e, true, nil
	}
	return run.Execution{ARN: arn, Status: run.StatusRunning}, true, nil
}
