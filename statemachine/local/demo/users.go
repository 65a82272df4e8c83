package demo

import (
	"github.com/digipres/sync-users/shared/run"
	"github.com/digipres/sync-users/statemachine/local/fixture"
)

const (
	devUsers  = "digipres-dev1-users"
	devAdmins = "digipres-dev1-power-users"
	prodUsers = "digipres-prod-users"
)

// buckets are those of the two stacks, besides the managed bucket that the
// cloud has from its start.
var buckets = []string{"digipres-dev1-data", "digipres-dev1-data-repl", "digipres-prod-archive", "digipres-prod-managed"}

// demoUser is a user of the demo, with the outcomes expected of its two runs.
type demoUser struct {
	fixture.User
	situation     string
	first, second run.Outcome
}

// alicesPassword is that of an account on the laptop alone.
const alicesPassword = "open sesame"

// users are in order of username, as reports have them.
var users = []demoUser{
	{
		User:      fixture.User{Username: "alice", Email: "alice@example.org", Groups: []string{devUsers, devAdmins}, Password: alicesPassword},
		situation: "two groups of one stack",
		first:     run.Updated, second: run.Unchanged,
	},
	{
		User:      fixture.User{Username: "bob", Email: "bob+sftp@example.org", Groups: []string{devUsers}},
		situation: "one stack, joins another later",
		first:     run.Updated, second: run.Updated,
	},
	{
		User:      fixture.User{Username: "carol", Email: "carol@example.org", Groups: []string{prodUsers}, NoKeys: true},
		situation: "keys are missing",
		first:     run.Failed, second: run.Updated,
	},
	{
		User:      fixture.User{Username: "dave", Email: "dave@example.org", Groups: []string{devUsers, prodUsers}},
		situation: "two stacks",
		first:     run.Updated, second: run.Unchanged,
	},
	{
		User:      fixture.User{Username: "erin", Email: "erin@example.org", Groups: []string{devUsers}},
		situation: "one stack, leaves it later",
		first:     run.Updated, second: run.Revoked,
	},
	{
		User:      fixture.User{Username: "frank", NoTag: true, Groups: []string{devUsers}},
		situation: "no Email tag",
		first:     run.Skipped, second: run.Skipped,
	},
	{
		User:      fixture.User{Username: "grace", Email: "grace@example.org", Groups: []string{"accounting"}},
		situation: "no stack group",
		first:     run.Skipped, second: run.Skipped,
	},
	{
		User:      fixture.User{Username: "heidi", Email: "heidi@example.org", Groups: []string{devUsers}, NoAccount: true},
		situation: "no SFTPGo account",
		first:     run.Skipped, second: run.Skipped,
	},
}
