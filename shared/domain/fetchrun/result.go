package fetchrun

import (
	"strings"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Outcome is the outcome of one file.
type Outcome string

// The outcomes. A file that is unchanged has none: it is only counted.
const (
	// Fetched: the object is there, with the size that was listed.
	Fetched Outcome = "fetched"
	// Waiting: the file is still changing, and waits for another run.
	Waiting Outcome = "waiting"
	// Vanished: the file was gone before it could be fetched, which is no failure.
	Vanished Outcome = "vanished"
	// Removed: the remote file was deleted after it was fetched.
	Removed Outcome = "removed"
	// Moved: the remote file was moved after it was fetched.
	Moved Outcome = "moved"
	// Deleted: the object was deleted, because the remote file is gone.
	Deleted Outcome = "deleted"
	// Failed: it could not be done; the next run tries it again.
	Failed Outcome = "failed"
)

// Result is what became of a file.
type Result struct {
	Sync string `json:"sync"`
	// Path is the remote path, and Key that of its object.
	Path    string    `json:"path"`
	Key     string    `json:"key,omitempty"`
	Size    int64     `json:"size,omitempty"`
	Time    time.Time `json:"time,omitzero"`
	Outcome Outcome   `json:"outcome"`
	// Error is the kind of a failure, and Reason says why in a sentence for people.
	Error  string `json:"error,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// failed makes the result that of a failure.
func (r Result) failed(err error) Result {
	r.Outcome, r.Error, r.Reason = Failed, string(errkind.Of(err)), strings.ReplaceAll(err.Error(), "\n", "; ")
	return r
}

// Totals counts files by outcome.
type Totals struct {
	// Files are those that were listed, and Folders those that could be listed.
	Files   int `json:"files"`
	Folders int `json:"folders"`
	// FoldersFailed are those that could not be listed.
	FoldersFailed int `json:"foldersFailed"`
	Unchanged     int `json:"unchanged"`
	// Ignored are files that the settings leave alone: by patterns or by age.
	Ignored  int `json:"ignored"`
	Fetched  int `json:"fetched"`
	Waiting  int `json:"waiting"`
	Vanished int `json:"vanished"`
	Removed  int `json:"removed"`
	Moved    int `json:"moved"`
	Deleted  int `json:"deleted"`
	Failed   int `json:"failed"`
	// Bytes is the size of all that were fetched.
	Bytes int64 `json:"bytes"`
}

// count adds the result of a file. An unknown outcome counts as failed.
func (t *Totals) count(r Result) {
	switch r.Outcome {
	case Fetched:
		t.Fetched++
		t.Bytes += r.Size
	case Waiting:
		t.Waiting++
	case Vanished:
		t.Vanished++
	case Removed:
		t.Removed++
	case Moved:
		t.Moved++
	case Deleted:
		t.Deleted++
	default:
		t.Failed++
	}
}

// add adds other totals.
func (t *Totals) add(o Totals) {
	t.Files += o.Files
	t.Folders += o.Folders
	t.FoldersFailed += o.FoldersFailed
	t.Unchanged += o.Unchanged
	t.Ignored += o.Ignored
	t.Fetched += o.Fetched
	t.Waiting += o.Waiting
	t.Vanished += o.Vanished
	t.Removed += o.Removed
	t.Moved += o.Moved
	t.Deleted += o.Deleted
	t.Failed += o.Failed
	t.Bytes += o.Bytes
}

// TooManyDeletions is the kind of a mirror's failure that would delete more objects than a
// run may.
const TooManyDeletions errkind.Kind = "TooManyDeletions"

// Remedies say what a person can do about a file that could not be fetched, by the kind of
// the error. In each case, the next run tries it again.
var Remedies = map[errkind.Kind]string{
	errkind.Throttled:         "The next run fetches it.",
	errkind.Unavailable:       "Check that the server is up and lets the connector's addresses in. The next run fetches it.",
	errkind.AccessDenied:      "Give the role of the connector, or of the function, the permission that the reason names.",
	errkind.Misconfigured:     "Correct in the configuration file what the reason names, and deploy.",
	errkind.InvalidInput:      "Correct the input that the reason names.",
	errkind.InvalidName:       "Have the file renamed, or exclude it by a pattern.",
	errkind.IncompleteReading: "Have the folder's files put into several folders if there are too many; otherwise the next run lists it.",
	errkind.LoginRefused:      "Ask the partner which username, password or key the server takes, and correct the connector's secret with `make keep-secret`.",
	errkind.HostKeyChanged:    "Ask the partner for the server's host key. Only if it is the one in the reason, put it into the configuration file, and deploy.",
	errkind.PermissionDenied:  "Ask the partner to let the account read it; to remove or move it too, if the configuration says so.",
	errkind.RunLockLost:       "Start another run; one that has ended must not be redriven.",
	errkind.Unexpected:        "If the reason is no help, the connector's log has more.",
	TooManyDeletions:          "Look whether the partner's folders are as they should be. If they are, raise MaxDeletions and deploy.",
}

// failureKind returns the kind of a failure that Transfer Family tells. Its codes are not
// documented as a whole, so the message is looked at too.
// https://docs.aws.amazon.com/transfer/latest/APIReference/API_ConnectorFileTransferResult.html
func failureKind(code, message string) errkind.Kind {
	text := strings.ToLower(strings.ReplaceAll(code, "_", " ") + " " + message)
	has := func(words ...string) bool {
		for _, word := range words {
			if strings.Contains(text, word) {
				return true
			}
		}
		return false
	}
	switch {
	case isNotFound(code, message), has("nosuchbucket", "no such bucket"):
		return errkind.Misconfigured
	case has("host key"):
		return errkind.HostKeyChanged
	case has("authentication", "auth fail", "login", "unable to authenticate", "credential", "secret"):
		return errkind.LoginRefused
	case has("permission denied"):
		return errkind.PermissionDenied
	case has("access denied", "accessdenied", "access role", "assume", "kms", "not authorized"):
		return errkind.AccessDenied
	case has("connect", "timeout", "timed out", "network", "unreachable", "eof", "reset", "throttl", "slowdown", "unavailable", "internal"):
		return errkind.Unavailable
	}
	return errkind.Unexpected
}

// isNotFound reports whether a failure says that there is no such file or folder.
func isNotFound(code, message string) bool {
	text := strings.ToLower(message)
	return strings.Contains(code, "NOT_FOUND") && !strings.Contains(code, "BUCKET") || strings.Contains(text, "no such file") ||
		strings.Contains(text, "does not exist") && !strings.Contains(text, "bucket")
}
