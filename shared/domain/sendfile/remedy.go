package sendfile

import "github.com/digipres/sync-users/shared/domain/errkind"

// Remedies say what a person can do about an object that could not be sent, by the kind of
// the error. In each case, the object is where it was.
var Remedies = map[errkind.Kind]string{
	errkind.Throttled:        "The next run sends it.",
	errkind.Unavailable:      "Check that the server is up and reachable, and lets this address in. The next run sends it.",
	errkind.Conflict:         "Have what is in the way removed, or change the setting for names or for existing files.",
	errkind.AccessDenied:     "Give the function's role the permission that the reason names.",
	errkind.Misconfigured:    "Correct the setting that the reason names, and deploy.",
	errkind.InvalidInput:     "Correct the input that the reason names.",
	errkind.Unexpected:       "If the reason is no help, the log of send-file has more.",
	errkind.HostKeyChanged:   "Ask the partner for the fingerprint of the server's host key. Only if it is the one in the reason, put its line into the settings.",
	errkind.LoginRefused:     "Ask the partner which username, password or key the server takes, and correct the secret. It is read again at the next attempt.",
	errkind.PermissionDenied: "Ask the partner to let the account do what the reason names.",
	errkind.DiskFull:         "Ask the partner to make room, or to raise the account's quota. The next run goes on where this one stopped.",
	errkind.InvalidName:      "Upload the object under another key, or exclude it by a pattern.",
	errkind.ContentMismatch:  "Upload the object again if S3 has it wrong; otherwise the next run sends it; ask the partner if it comes again.",
	errkind.ObjectArchived:   "Restore the object from its archive storage class. The next run sends it.",
}
