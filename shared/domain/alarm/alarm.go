// Package alarm has what is known of the alarms of an installation.
package alarm

import "time"

// State is the state of an alarm.
type State string

// The states of CloudWatch, in lower case.
const (
	OK               State = "ok"
	Raised           State = "alarm"
	InsufficientData State = "insufficient_data"
)

// Alarm is an alarm of an installation.
type Alarm struct {
	// Name is without the installation's.
	Name  string `json:"name"`
	State State  `json:"state"`
	// Since is when it changed to this state.
	Since time.Time `json:"since"`
	// Description says what it is about, and what to do.
	Description string `json:"description"`
}
