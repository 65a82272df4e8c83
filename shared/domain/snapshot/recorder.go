package snapshot

import (
	"maps"
	"slices"

	"github.com/digipres/sync-users/shared/domain/run"
)

// Recorder makes the next snapshot from the results of a run.
type Recorder struct {
	before   Snapshot
	next     Snapshot
	recorded map[string]bool // by account
}

// NewRecorder makes a Recorder for a run, given the snapshot before it; nil if there was
// none. Of accounts that are not recorded, only those stay that the run is not about:
// all, unless it is for everybody.
func NewRecorder(before *Snapshot, metadata run.Metadata) *Recorder {
	r := &Recorder{
		next:     Snapshot{Execution: metadata.Execution, Accounts: map[string]Account{}},
		recorded: map[string]bool{},
	}
	if before != nil {
		r.before = *before
	}
	if !metadata.ForEverybody() {
		maps.Copy(r.next.Accounts, r.before.Accounts)
	}
	return r
}

// Record records the result of a user, who are all recorded in the order of the run.
func (r *Recorder) Record(user run.User, result run.Result) {
	name := user.Account()
	switch {
	case name == "":
		return
	case user.Username == "" && result.Outcome != run.Failed:
		delete(r.next.Accounts, name)
		return
	}
	before, account := r.before.Accounts[name], r.next.Accounts[name]
	switch {
	case user.Username == "":
		account = before
	case !r.recorded[name]:
		account = Account{Username: user.Username}
	}
	account.Email = user.Email
	r.recorded[name] = true
	if user.Username != "" {
		account.Hash = extendHash(account.Hash, user)
	}
	switch result.Outcome {
	case run.Updated, run.Unchanged:
		account.Stacks = union(account.Stacks, user.Stacks)
	case run.Failed:
		account.Failed = result.Error
		account.Stacks = union(account.Stacks, before.Stacks)
	}
	r.next.Accounts[name] = account
}

// Snapshot returns the next snapshot.
func (r *Recorder) Snapshot() Snapshot { return r.next }

// union returns the names in either list, in order.
func union(a, b []string) []string {
	names := slices.Concat(a, b)
	slices.Sort(names)
	return slices.Compact(names)
}
