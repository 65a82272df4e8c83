package sendfile

// Outcome is the outcome of one object.
type Outcome string

// The outcomes; each object of a run has exactly one.
const (
	// Sent: the file is in its place, and the object was dealt with as the settings say.
	Sent Outcome = "sent"
	// Unchanged: this version was sent before, and nothing was written.
	Unchanged Outcome = "unchanged"
	// Skipped: there was nothing to send, or it must not be sent; the reason says why.
	Skipped Outcome = "skipped"
	// Failed: the object could not be sent; it is where it was.
	Failed Outcome = "failed"
)

// Outcomes are all outcomes, in the order in which reports show them.
var Outcomes = []Outcome{Sent, Unchanged, Skipped, Failed}

// Result is the result of one invocation for one object. In a dry run, it is what would be
// done.
type Result struct {
	Object
	// Done is false if the invocation's time ended first. Progress is to be part of the next
	// invocation's event then.
	Done     bool      `json:"done"`
	Progress *Progress `json:"progress,omitempty"`
	// Outcome and Reason are empty until the object is done.
	Outcome Outcome `json:"outcome,omitempty"`
	// Reason says why, in a sentence for people.
	Reason string `json:"reason,omitempty"`
	// Error is the kind of a failure; empty for every other outcome.
	Error string `json:"error,omitempty"`
	// Path is where the file is on the server.
	Path string `json:"path,omitempty"`
	// SHA256 is the checksum of the content, in hexadecimal.
	SHA256 string `json:"sha256,omitempty"`
	// After is what became of the object.
	After AfterAction `json:"after,omitempty"`
	// BytesSent is what this invocation wrote to the server, and Seconds how long it took.
	BytesSent int64   `json:"bytesSent"`
	Seconds   float64 `json:"seconds"`
}

// Progress is how far a file has come that one invocation could not finish. Whoever
// keeps it does not look inside.
type Progress struct {
	// Object is the version that was being sent.
	Object Object `json:"object"`
	// Path is where the file will be, and Temporary where it is being written.
	Path      string `json:"path"`
	Temporary string `json:"temporary"`
	// Written is how many bytes from the beginning the server has confirmed. Digest is the
	// state of the checksums after them.
	Written int64  `json:"written"`
	Digest  []byte `json:"digest,omitempty"`
	// Verified is how many bytes were read back, with the state of their checksum.
	Verified       int64  `json:"verified,omitempty"`
	VerifiedDigest []byte `json:"verifiedDigest,omitempty"`
}
