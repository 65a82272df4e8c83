package run

import "time"

// Execution is a run as the deployed workflow has it.
type Execution struct {
	Name string
	ARN  string
	// Status is one of those below.
	Status    Status
	StartedAt time.Time
	// EndedAt is zero while the execution is going on.
	EndedAt time.Time
	// Input is the JSON that it was started with. A list of executions leaves
	// it out, and Error and Cause too.
	Input string
	// Error and Cause say why it failed.
	Error, Cause string
}

// Status says how far an execution is.
type Status string

// The statuses, in the words of Step Functions but in small letters.
const (
	StatusRunning        Status = "running"
	StatusPendingRedrive Status = "pending_redrive"
	StatusSucceeded      Status = "succeeded"
	StatusFailed         Status = "failed"
	StatusTimedOut       Status = "timed_out"
	StatusAborted        Status = "aborted"
)

// Ended tells whether the execution goes on no more.
func (e Execution) Ended() bool {
	return e.Status != StatusRunning && e.Status != StatusPendingRedrive
}

// Progress counts the users of a run that is going on.
type Progress struct {
	Total, Pending, Running, Done int
}
