package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/losses"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/snapshot"
)

// lossCheck keeps a sync for everybody from taking access from many people at once, as a run
// of the deployed workflow does, and keeps what the sync gave for later runs.
type lossCheck struct {
	deployment *connect.Deployment
	before     *snapshot.Snapshot
	// damage is why the snapshot can't be understood.
	damage error
}

// newLossCheck reads what the last runs gave.
func newLossCheck(ctx context.Context, d *connect.Deployment) (lossCheck, error) {
	before, err := snapshot.Load(ctx, d.History.Records, d.History.RunsBucket)
	if err != nil && !errors.Is(err, snapshot.ErrDamaged) {
		return lossCheck{}, err
	}
	return lossCheck{d, before, err}, nil
}

// addUnclaimed adds the accounts that no user claims any more and that have access after
// the last runs.
func (b lossCheck) addUnclaimed(users []run.User) []run.User {
	return append(users, discover.Unclaimed(b.before, nil, users)...)
}

// count returns how many people would lose a stack if all of the users were synced.
func (b lossCheck) count(users []run.User) int {
	if b.before == nil {
		return 0
	}
	return len(losses.Find(*b.before, users))
}

// check returns TooManyLosses if more people would lose access than the deployment allows,
// and more than somebody has agreed to.
func (b lossCheck) check(agreed int, users []run.User) (err error) {
	switch {
	case b.damage != nil:
		err = losses.Unknown(b.damage)
	case b.before != nil && len(losses.Find(*b.before, users)) > agreed:
		err = losses.Check(b.deployment.MaxLosses, *b.before, users)
	}
	return hint.With(err, "From here, `sync-users sync --accept-losses` accepts it.")
}

// save keeps what a sync gave; a sync for one user leaves a damaged snapshot as it is.
func (b lossCheck) save(ctx context.Context, metadata run.Metadata, users []run.User, results []run.Result) error {
	if b.damage != nil && metadata.Username != "" {
		return nil
	}
	recorder := snapshot.NewRecorder(b.before, metadata)
	for i, user := range users {
		recorder.Record(user, results[i])
	}
	if _, err := b.deployment.History.Records.Save(ctx, snapshot.Key, recorder.Snapshot()); err != nil {
		return fmt.Errorf("save what people have: %w", err)
	}
	return nil
}

// question asks whether to go on, given how many accounts change and how many people lose
// a stack.
func question(accounts, lose int, product string) string {
	text := fmt.Sprintf("Change %s in %s?", console.Count(accounts, "account"), product)
	switch lose {
	case 0:
		return text
	case 1:
		return "1 person loses access. " + text
	}
	return fmt.Sprintf("%d people lose access. %s", lose, text)
}
