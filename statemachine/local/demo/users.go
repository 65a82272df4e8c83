package demo

import (
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/fixture"
)

const (
	devUsers  = "digipres-dev1-users"
	devAdmins = "digipres-dev1-power-users"
	prodUsers = "digipres-prod-users"
)

var sftpgoBuckets = []string{"digipres-dev1-data", "digipres-dev1-data-repl", "digipres-prod-archive", "digipres-prod-managed"}

// alicesPassword is that of an account on the laptop alone.
const alicesPassword = "open sesame"

// demoUser is a user of the demo, with the outcomes expected of its two runs.
type demoUser struct {
	fixture.User
	situation     string
	first, second run.Outcome
}

var sftpgoUsers = []demoUser{
	{fixture.User{Username: "alice", Email: "alice@example.org", Groups: []string{devUsers, devAdmins}, Password: alicesPassword},
		"two groups of one stack", run.Updated, run.Unchanged},
	{fixture.User{Username: "bob", Email: "bob+sftp@example.org", Groups: []string{devUsers}},
		"one stack, joins another later", run.Updated, run.Updated},
	{fixture.User{Username: "carol", Email: "carol@example.org", Groups: []string{prodUsers}, NoKeys: true},
		"keys are missing", run.Failed, run.Updated},
	{fixture.User{Username: "dave", Email: "dave@example.org", Groups: []string{devUsers, prodUsers}},
		"two stacks", run.Updated, run.Unchanged},
	{fixture.User{Username: "erin", Email: "erin@example.org", Groups: []string{devUsers}},
		"one stack, leaves it later", run.Updated, run.Revoked},
	{fixture.User{Username: "frank", NoTag: true, Groups: []string{devUsers}},
		"no Email tag", run.Skipped, run.Skipped},
	{fixture.User{Username: "grace", Email: "grace@example.org", Groups: []string{"accounting"}},
		"no stack group", run.Skipped, run.Skipped},
	{fixture.User{Username: "heidi", Email: "heidi@example.org", Groups: []string{devUsers}, NoAccount: true},
		"no SFTPGo account", run.Skipped, run.Skipped},
}
