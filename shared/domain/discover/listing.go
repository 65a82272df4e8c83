package discover

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/digipres/sync-users/shared/domain/run"
)

// listing is what became of listing the accounts that show folders of this program: the
// place of their names, or the error that a Catch of the workflow wrote.
type listing struct {
	Accounts *run.Object `json:"accounts"`
	run.Failure
}

// readListing returns the names of the accounts that a run for everybody has listed. If
// they could not be listed, it notes that in the metadata and returns none: the rest of
// the run goes on, and a list that is not complete makes nobody lose anything.
func (f Function) readListing(ctx context.Context, event Event, request run.Request, metadata *run.Metadata) ([]string, error) {
	var l listing
	// Whatever else it is came instead of a listing: the input of a run without one.
	if request.ChangedOnly || json.Unmarshal(event.Listing, &l) != nil {
		return nil, nil
	}
	if l.Error != "" {
		metadata.ListingError = &l.Failure
	}
	if l.Accounts == nil {
		return nil, nil
	}
	var names []string
	for name, err := range run.Items[string](ctx, f.Runs, *l.Accounts) {
		if err != nil {
			return nil, fmt.Errorf("read the accounts that show folders: %w", err)
		}
		names = append(names, name)
	}
	return names, nil
}
