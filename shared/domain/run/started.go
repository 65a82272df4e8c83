package run

import (
	"context"
	"time"
)

// Metadata is what the rest of a run needs to know once its users are
// discovered. It travels through the workflow's state, so the users
// themselves stay in S3: a state may carry 256 KiB
// (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html).
type Metadata struct {
	// StateMachine and Execution name the workflow and its execution.
	StateMachine string `json:"stateMachine"`
	Execution    string `json:"execution"`
	// StartedAt is when the execution started, waiting for its turn included.
	StartedAt time.Time `json:"startedAt"`
	DryRun    bool      `json:"dryRun"`
	// Username is the one user that the run is about; absent for everybody.
	Username string `json:"username,omitempty"`
	// Trigger is the object to delete when nobody failed; absent in a run
	// that no upload started.
	Trigger *Object `json:"trigger,omitempty"`
	// Users is where the users of this run stand.
	Users Object `json:"users"`
	// MaxConcurrency is how many users are synced at once.
	MaxConcurrency int `json:"maxConcurrency"`
}

// UsersKey is where the users of a run are kept in the runs bucket.
func UsersKey(execution string) string { return "runs/" + execution + "/users.json" }

// ReportKey is where the report of a run is kept in the runs bucket.
func ReportKey(execution string) string { return "runs/" + execution + "/report.json" }

// Writer keeps records of runs in the runs bucket.
type Writer interface {
	// Save writes a value as JSON under a key and says where it stands.
	Save(ctx context.Context, key string, value any) (Object, error)
}

// Reader reads them back, and what the workflow itself wrote there.
type Reader interface {
	// Load reads JSON into a value that it points to.
	Load(ctx context.Context, object Object, value any) error
}
