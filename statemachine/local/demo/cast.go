package demo

import (
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/people"
)

const (
	devUsers  = "digipres-dev1-users"
	devAdmins = "digipres-dev1-power-users"
	prodUsers = "digipres-prod-users"
)

// buckets are those of the two stacks, besides the managed bucket that the
// cloud has from the start.
var buckets = []string{"digipres-dev1-data", "digipres-dev1-data-repl", "digipres-prod-archive", "digipres-prod-managed"}

// character is somebody in the demo.
type character struct {
	person        people.Person
	situation     string
	first, second run.Outcome
}

// alicesPassword opens an account of a cloud that lives for the demo alone.
const alicesPassword = "open sesame"

// cast is everybody, in order of username, as reports have them.
var cast = []character{
	{
		person:    people.Person{Username: "alice", Email: "alice@example.org", Groups: []string{devUsers, devAdmins}, Password: alicesPassword},
		situation: "two groups of one stack",
		first:     run.Updated, second: run.Unchanged,
	},
	{
		person:    people.Person{Username: "bob", Email: "bob+sftp@example.org", Groups: []string{devUsers}},
		situation: "one stack, joins another later",
		first:     run.Updated, second: run.Updated,
	},
	{
		person:    people.Person{Username: "carol", Email: "carol@example.org", Groups: []string{prodUsers}, NoKeys: true},
		situation: "keys are missing",
		first:     run.Failed, second: run.Updated,
	},
	{
		person:    people.Person{Username: "dave", Email: "dave@example.org", Groups: []string{devUsers, prodUsers}},
		situation: "two stacks",
		first:     run.Updated, second: run.Unchanged,
	},
	{
		person:    people.Person{Username: "erin", Email: "erin@example.org", Groups: []string{devUsers}},
		situation: "one stack, leaves it later",
		first:     run.Updated, second: run.Revoked,
	},
	{
		person:    people.Person{Username: "frank", NoTag: true, Groups: []string{devUsers}},
		situation: "no Email tag",
		first:     run.Skipped, second: run.Skipped,
	},
	{
		person:    people.Person{Username: "grace", Email: "grace@example.org", Groups: []string{"accounting"}},
		situation: "no stack group",
		first:     run.Skipped, second: run.Skipped,
	},
	{
		person:    people.Person{Username: "heidi", Email: "heidi@example.org", Groups: []string{devUsers}, NoAccount: true},
		situation: "no SFTPGo account",
		first:     run.Skipped, second: run.Skipped,
	},
}

func persons() []people.Person {
	persons := make([]people.Person, len(cast))
	for i, c := range cast {
		persons[i] = c.person
	}
	return persons
}
