package run

// Outcome says in a word what became of a user.
type Outcome string

// The outcomes; each user of a run has exactly one.
const (
	// Updated: something of the account was not as it should be, and is now.
	Updated Outcome = "updated"
	// Unchanged: everything was right, and nothing was written.
	Unchanged Outcome = "unchanged"
	// Revoked: the last stack is gone, and with it all owned folders.
	Revoked Outcome = "revoked"
	// Skipped: there is nothing to sync, which is no failure.
	Skipped Outcome = "skipped"
	// Failed: the user could not be synced; the reason says why.
	Failed Outcome = "failed"
)

// Outcomes are all of them, in the order that reports show them.
var Outcomes = []Outcome{Updated, Unchanged, Revoked, Skipped, Failed}

// Result is what became of one user. In a dry run it is what would have.
type Result struct {
	Username string  `json:"username"`
	Email    string  `json:"email,omitempty"`
	Outcome  Outcome `json:"outcome"`
	// Reason says why, in plain words.
	Reason string `json:"reason"`
	// Error is the kind of a failure; empty for every other outcome.
	Error string `json:"error,omitempty"`
	// Buckets are those that the account shows after the run.
	Buckets []string `json:"buckets,omitempty"`
	// Added and Removed are the buckets that came and went.
	Added   []string `json:"added,omitempty"`
	Removed []string `json:"removed,omitempty"`
	// KeyRotated tells that folders were given a new access key.
	KeyRotated bool `json:"keyRotated,omitempty"`
}
