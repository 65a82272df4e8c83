package run

import "github.com/digipres/sync-users/shared/domain/errkind"

// Remedies say what a person can do about an error of a kind. InvalidInput has none, because
// its text says it.
var Remedies = map[errkind.Kind]string{
	errkind.Throttled:         "Start another run when the server has less to do; a lower maxConcurrency asks less of it.",
	errkind.Unavailable:       "Check the address and the network, and try again; `sync-users check` tries each part.",
	errkind.Superseded:        "There is nothing to do: the newer run does the same.",
	errkind.RunLockLost:       "Start another run; one that has ended must not be redriven.",
	errkind.RunInProgress:     "Wait for its end: `sync-users status` shows it, and `sync --wait 10m` waits by itself.",
	errkind.NotEligible:       "`sync-users plan --all` lists all users, and `sync-users explain` says why.",
	errkind.TooManyLosses:     "Look at `sync-users plan`; if it is right, accept it with `sync-users start --accept-losses`.",
	errkind.IncompleteReading: "Check the AWS account, and what the credentials may read.",
	errkind.KeysMissing:       "Put both keys into Parameter Store.",
	errkind.Conflict:          "`sync-users explain` shows what there is.",
	errkind.AccessDenied:      "`sync-users check` tries the credentials and each permission.",
	errkind.Misconfigured:     "`sync-users check` tries each setting.",
	errkind.Unexpected:        "If the reason is no help, the log of sync-user has more.",
}

// Remedy returns what a person can do about a failure; "" for any other outcome. What is no
// kind of an error comes from Step Functions or Lambda, and means that the user's sync did not
// come to its end.
func (r Result) Remedy() string {
	switch remedy, ok := Remedies[errkind.Kind(r.Error)]; {
	case r.Outcome != Failed:
		return ""
	case ok:
		return remedy
	}
	return "It took too long, or the run ended first: start another run."
}
