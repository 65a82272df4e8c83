package syncusers

import "github.com/digipres/sync-users/infra/construct"

// latestFailures finds runs and users that failed for good, without the attempts
// that were retried. The dashboard shows it too.
var latestFailures = construct.Query{Name: "latest failures", Text: `fields @timestamp, execution, username, coalesce(reason, error) as why, kind
| filter outcome = "failed" or (level = "ERROR" and not ispresent(username))
| sort @timestamp desc
| limit 50`}

// queries are ready in the console, with `alice` and `RUN` to be replaced.
var queries = []construct.Query{
	{Name: "what happened to alice", Text: `fields @timestamp, execution, msg, outcome, coalesce(reason, error) as why, buckets, added, removed
| filter username = "alice" or email like "alice"
| sort @timestamp desc
| limit 100`},
	{Name: "what happened in RUN", Text: `fields @timestamp, level, msg, username, outcome, coalesce(reason, error) as why
| filter execution = "RUN"
| sort @timestamp asc
| limit 10000`},
	{Name: "who lost or gained access", Text: `fields @timestamp, execution, username, email, outcome, added, removed
| filter msg = "user synced" and outcome in ["updated", "revoked"] and dryRun = "false"
| sort @timestamp desc
| limit 1000`},
	latestFailures,
}
