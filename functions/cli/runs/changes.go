package runs

import (
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/digipres/sync-users/shared/domain/run"
)

// ChangesLister lists what runs changed.
type ChangesLister interface {
	// Changes returns the objects of what runs changed that started at a time or later,
	// in the order in which they started.
	Changes(ctx context.Context, since time.Time) ([]run.Object, error)
}

// ChangesSince returns the reports of the runs that changed something, and started at a
// time or later, with the users alone whom they changed; the newest first.
func (h History) ChangesSince(ctx context.Context, since time.Time) ([]run.Report, error) {
	objects, err := h.ChangesLister.Changes(ctx, since)
	if err != nil {
		return nil, err
	}
	slices.Reverse(objects)
	changes := make([]run.Report, len(objects))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i, object := range objects {
		group.Go(func() error {
			err := h.load(ctx, object.Key, &changes[i])
			if errors.Is(err, ErrNoReport) {
				return nil // It has expired since it was listed.
			}
			return err
		})
	}
	return changes, group.Wait()
}
