package run

import (
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Execution is an execution of the deployed workflow.
type Execution struct {
	Name      string
	ARN       string
	Status    Status
	StartedAt time.Time
	// EndedAt is zero if the execution has not ended.
	EndedAt time.Time
	// Input is the JSON that it was started with. Input, Error and Cause are
	// empty in a list of executions.
	Input string
	// Error and Cause say why it failed, or why it succeeded without syncing anybody.
	Error, Cause string
}

// Status is the status of an execution.
type Status string

// The statuses of Step Functions, in lower case.
const (
	StatusRunning        Status = "running"
	StatusPendingRedrive Status = "pending_redrive"
	StatusSucceeded      Status = "succeeded"
	StatusFailed         Status = "failed"
	StatusTimedOut       Status = "timed_out"
	StatusAborted        Status = "aborted"
)

// Ended reports whether the execution has ended.
func (e Execution) Ended() bool {
	return e.Status != StatusRunning && e.Status != StatusPendingRedrive
}

// ChangedOnlyPrefix begins the names of executions that the schedule of runs for those who
// changed starts.
const ChangedOnlyPrefix = "changes-"

// NothingChanged is the Error of an execution that succeeded without syncing anybody,
// because nothing has changed.
const NothingChanged = "NothingChanged"

// SyncedNobody reports whether the execution succeeded without syncing anybody: because a
// newer one does the same, or because nothing has changed. A list of executions does not
// tell.
func (e Execution) SyncedNobody() bool {
	return e.Status == StatusSucceeded && (e.Error == string(errkind.Superseded) || e.Error == NothingChanged)
}

// WasStopped reports whether the execution was ended from outside, so that the
// invocations that it had begun may have gone on.
func (e Execution) WasStopped() bool {
	return e.Status == StatusAborted || e.Status == StatusTimedOut
}

// Progress counts the users of a running execution.
type Progress struct {
	Total, Pending, Running, Done int
}
