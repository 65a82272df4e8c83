package run

import "time"

// Metadata describes a run to the steps after discover-users. It is part of the
// workflow's state, so the users themselves are in S3: a state is limited to
// 256 KiB (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html).
type Metadata struct {
	// StateMachine and Execution are the names of the workflow and its execution.
	StateMachine string `json:"stateMachine"`
	Execution    string `json:"execution"`
	// StartedAt is when the execution started, before it acquired the lock.
	StartedAt time.Time `json:"startedAt"`
	DryRun    bool      `json:"dryRun"`
	// RefreshKeys is always present, because the workflow's Map refers to it.
	RefreshKeys bool `json:"refreshKeys"`
	// Username is the only user of the run; absent in a run for all users.
	Username string `json:"username,omitempty"`
	// ChangedOnly reports whether only users who changed are synced.
	ChangedOnly bool `json:"changedOnly,omitempty"`
	// NothingChanged ends the run without syncing anybody; absent otherwise, because
	// the workflow looks whether it is present.
	NothingChanged bool `json:"nothingChanged,omitempty"`
	// TooManyLosses says of a dry run why a run that writes would not start.
	TooManyLosses string `json:"tooManyLosses,omitempty"`
	// ListingError says why the accounts that nobody claims could not be looked for;
	// absent if they were, or need not be.
	ListingError *Failure `json:"listingError,omitempty"`
	// Trigger is the object to delete if no user failed; absent in a run that
	// no upload started.
	Trigger *Object `json:"trigger,omitempty"`
	// Users is where the users of the run are.
	Users Object `json:"users"`
	// MaxConcurrency is how many users are synced at once.
	MaxConcurrency int `json:"maxConcurrency"`
}

// Failure is an error as a Catch of the workflow writes it.
type Failure struct {
	Error string
	Cause string
}

// ForEverybody reports whether the run is about all users.
func (m Metadata) ForEverybody() bool { return m.Username == "" && !m.ChangedOnly }
