package sendrun

import (
	"time"

	"github.com/digipres/sync-users/shared/domain/run"
)

// Metadata describes a run to the steps after list-objects. It is part of the workflow's
// state, which is limited to 256 KiB, so the objects themselves are in S3.
type Metadata struct {
	// StateMachine and Execution are the names of the workflow and its execution.
	StateMachine string    `json:"stateMachine"`
	Execution    string    `json:"execution"`
	StartedAt    time.Time `json:"startedAt"`
	DryRun       bool      `json:"dryRun"`
	Resend       bool      `json:"resend"`
	// Key is the only object of the run; absent in a run for all.
	Key string `json:"key,omitempty"`
	// Keys is how many objects were asked for by their keys, if it was more than one.
	Keys int `json:"keys,omitempty"`
	// Prefix is what the keys of all objects of the run begin with.
	Prefix string `json:"prefix"`
	// Objects is where the objects of the run are, and Count how many.
	Objects run.Object `json:"objects"`
	Count   int        `json:"count"`
	// MaxConnections is how many objects are sent at once.
	MaxConnections int `json:"maxConnections"`
	// MailDue is whether failures of earlier runs wait to be mailed.
	MailDue bool `json:"mailDue"`
}

// ObjectsKey returns the key of a run's objects in the runs bucket.
func ObjectsKey(execution string) string { return "runs/" + execution + "/objects.json" }
