package sendrun

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

// ManifestKey is the key of the manifest in the runs bucket.
const ManifestKey = "manifest.json"

// Manifest are the versions of objects that need not be looked at any more although they
// are still there, because they are kept or tagged after they were sent. Only runs that
// have the lock write it. It saves looking at them one by one; what was sent is told by
// the record of each place, so that an entry that is missing does no harm.
//
// Entries are hashes of 64 bits, because there may be a million in a function's memory.
type Manifest map[uint64]bool

// hash identifies a version of an object. The same content that was uploaded at another
// time is another version.
func hash(o sendfile.Object) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s\x00%s\x00%d", o.Key, o.ETag, o.UploadedAt.Unix())
	return h.Sum64()
}

// Has reports whether a version of an object is in the manifest.
func (m Manifest) Has(o sendfile.Object) bool { return m[hash(o)] }

// ManifestStore keeps the manifest.
type ManifestStore interface {
	run.Writer
	// LoadIfExists reads JSON into a value, given a pointer to it, and reports whether there
	// is any.
	LoadIfExists(ctx context.Context, key string, pointer any) (bool, error)
}

// readManifest returns the manifest; an empty one if there is none.
func readManifest(ctx context.Context, store ManifestStore) (Manifest, error) {
	var entries []uint64
	if _, err := store.LoadIfExists(ctx, ManifestKey, &entries); err != nil {
		return nil, fmt.Errorf("read the manifest: %w", err)
	}
	m := make(Manifest, len(entries))
	for _, entry := range entries {
		m[entry] = true
	}
	return m, nil
}

func (m Manifest) save(ctx context.Context, store ManifestStore) error {
	if _, err := store.Save(ctx, ManifestKey, slices.Collect(maps.Keys(m))); err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	return nil
}
