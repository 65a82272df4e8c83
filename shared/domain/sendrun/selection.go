package sendrun

import (
	"context"
	"fmt"
	"iter"

	"github.com/digipres/sync-users/shared/domain/sendfile"
)

// Selection selects the objects of runs.
type Selection struct {
	Options   sendfile.Options
	Source    Source
	Lister    Lister
	Manifests ManifestStore
}

// Selected is an object under the prefix of a run, and why the run leaves it out.
type Selected struct {
	sendfile.Object
	// SentBefore is whether the manifest has it.
	SentBefore bool
	// SkipReason says why it is not to be sent at all; empty for what is.
	SkipReason string
}

// IsWaiting reports whether the object is to be sent.
func (s Selected) IsWaiting() bool { return !s.SentBefore && s.SkipReason == "" }

// manifest returns the manifest if the request heeds it.
func (s Selection) manifest(ctx context.Context, request Request) (Manifest, error) {
	if !keepsObjects(s.Options) || request.Resend {
		return Manifest{}, nil
	}
	return readManifest(ctx, s.Manifests)
}

// Select returns the objects of a request: those that it asks for by their keys, or all under
// its prefix, in order of key. The last one comes with an error if there are more that can't be
// listed.
func (s Selection) Select(ctx context.Context, request Request) iter.Seq2[Selected, error] {
	return func(yield func(Selected, error) bool) {
		for _, object := range request.objects(s.Source) {
			if !yield(Selected{Object: object, SkipReason: s.Options.SkipReason(object.Key)}, nil) {
				return
			}
		}
		if request.isNamed() {
			return
		}
		manifest, err := s.manifest(ctx, request)
		if err != nil {
			yield(Selected{}, err)
			return
		}
		s.selectBy(ctx, request, manifest)(yield)
	}
}

func (s Selection) selectBy(ctx context.Context, request Request, manifest Manifest) iter.Seq2[Selected, error] {
	return func(yield func(Selected, error) bool) {
		for object, err := range s.Lister.List(ctx, s.Source.Bucket, request.Prefix) {
			if err != nil {
				yield(Selected{}, fmt.Errorf("list the objects: %w", err))
				return
			}
			if !yield(Selected{Object: object, SentBefore: manifest.Has(object), SkipReason: s.Options.SkipReason(object.Key)}, nil) {
				return
			}
		}
	}
}

// keepsObjects reports whether objects that were sent are still under the prefix.
func keepsObjects(options sendfile.Options) bool {
	return options.After == sendfile.Keep || options.After == sendfile.Tag
}
