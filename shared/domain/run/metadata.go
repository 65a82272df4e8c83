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
	// Trigger is the object to delete if no user failed; absent in a run that
	// no upload started.
	Trigger *Object `json:"trigger,omitempty"`
	// Users is where the users of the run are.
	Users Object `json:"users"`
	// MaxConcurrency is how many users are synced at once.
	MaxConcurrency int `json:"maxConcurrency"`
}
