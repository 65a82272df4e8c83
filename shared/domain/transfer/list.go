package transfer

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/digipres/sync-users/shared/domain/access"
)

// describedAtOnce is how many users are described at the same time. AWS does not say how
// many calls it takes a second, and the client repeats those that are throttled.
const describedAtOnce = 10

// Lister lists the users of a Transfer server.
type Lister interface {
	// UserNames returns the names of all users, or an error if any part of them could
	// not be read.
	UserNames(ctx context.Context) ([]string, error)
}

// Mappings lists what the users of a Transfer server see. A list of users does not say
// that, so it describes each of them.
type Mappings struct {
	Lister Lister
	Users  Users
}

var _ access.Server = Mappings{}

// Mappings implements access.Server. A user who sees absolute paths has none but the
// home directory.
func (m Mappings) Mappings(ctx context.Context) ([]access.Mapping, error) {
	names, err := m.Lister.UserNames(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	described := make([][]access.Mapping, len(names))
	var all sync.WaitGroup
	slots := make(chan struct{}, describedAtOnce)
	for i, name := range names {
		slots <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		all.Go(func() {
			defer func() { <-slots }()
			var err error
			if described[i], err = m.ofUser(ctx, name); err != nil {
				cancel(fmt.Errorf("read the Transfer user %s: %w", name, err))
			}
		})
	}
	all.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	var mappings []access.Mapping
	for _, ofUser := range described {
		mappings = append(mappings, ofUser...)
	}
	return mappings, nil
}

// ofUser returns what a user sees; nothing if it was deleted meanwhile.
func (m Mappings) ofUser(ctx context.Context, name string) ([]access.Mapping, error) {
	user, err := m.Users.User(ctx, name)
	if errors.Is(err, ErrNoUser) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	d := readDirectories(user)
	var mappings []access.Mapping
	for _, bucket := range d.owned {
		mappings = append(mappings, access.Mapping{Account: name, Bucket: bucket, Folder: "/" + bucket, Managed: true})
	}
	for _, foreign := range d.foreign {
		bucket, _ := foreign.bucketAndKey()
		mappings = append(mappings, access.Mapping{Account: name, Bucket: bucket, Folder: foreign.Entry})
	}
	return mappings, nil
}
