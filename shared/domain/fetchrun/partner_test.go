package fetchrun_test

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/fetchrun"
)

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
