// Package losses keeps a run from taking access from many people at once. A wrong AWS
// account, a renamed tag or an outage looks as if they had all left.
package losses

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/snapshot"
)

// Loss is what one person would lose.
type Loss struct {
	// Username is the IAM user who has or had the account; empty if that is not known.
	Username, Email string
	// Stacks are the stacks that would go; empty if it is not known which.
	Stacks []string
	// Everything reports whether no stack would stay.
	Everything bool
}

// The limit by default.
const (
	defaultLimit   = 5
	defaultPercent = 10
)

// Limit returns how many people may lose access in a run, given how many have access: the
// setting if there is one, or else 5 or 10 percent, whichever is more.
func Limit(setting *int, people int) int {
	if setting != nil {
		return *setting
	}
	return max(defaultLimit, people*defaultPercent/100)
}

// Find returns who would lose a stack, in order of account, if all of the users were
// synced, compared with what the last runs gave. The users are all there are, with the
// accounts that nobody claims; such an account loses what it has, also if no run is
// known to have given it.
func Find(before snapshot.Snapshot, users []run.User) []Loss {
	after := map[string][]string{} // stacks by account
	found := map[string]Loss{}     // by account
	for _, user := range users {
		stacks := user.Stacks
		if user.Shared != nil {
			stacks = user.Shared.Stacks
		}
		after[user.Account()] = append(after[user.Account()], stacks...)
		if _, known := before.Accounts[user.Account()]; user.Username == "" && !known {
			found[user.Account()] = Loss{Email: user.Email, Everything: true}
		}
	}
	for name, account := range before.Accounts {
		lost := slices.DeleteFunc(slices.Clone(account.Stacks), func(stack string) bool { return slices.Contains(after[name], stack) })
		if len(lost) > 0 {
			found[name] = Loss{Username: account.Username, Email: account.Email, Stacks: lost, Everything: len(after[name]) == 0}
		}
	}
	losses := make([]Loss, 0, len(found))
	for _, name := range slices.Sorted(maps.Keys(found)) {
		losses = append(losses, found[name])
	}
	return losses
}

// Check returns TooManyLosses if more people would lose access than the setting allows,
// with a text for the mail. See Limit and Find.
func Check(setting *int, before snapshot.Snapshot, users []run.User) error {
	losses, people := Find(before, users), before.CountWithAccess()
	limit := Limit(setting, people)
	if len(losses) <= limit {
		return nil
	}
	return errkind.Errorf(errkind.TooManyLosses, "%s", message(losses, people, limit))
}

// Unknown returns TooManyLosses for a snapshot that can't be read.
func Unknown(damage error) error {
	return errkind.Errorf(errkind.TooManyLosses,
		"%w; so it is not known who would lose access, and nobody was touched. %s The run then writes the object anew.", damage, Remedy)
}

// maxListed is the most people whom the text lists.
const maxListed = 20

// Remedy is what to do about TooManyLosses.
const Remedy = "Look at `sync-users plan`. If it is right, accept it: `sync-users start --accept-losses`, or start the state machine with {\"acceptLosses\": true}. " +
	"If it is not, correct the memberships, and the next run goes on by itself."

// message says who would lose what. What to do comes before the list, which a function
// cuts off if many names are long.
func message(losses []Loss, people, limit int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d people would lose access, of %d who have some; more than %d may not without somebody's consent, so nobody was touched. %s\n\nWho would lose what:\n\n",
		len(losses), people, limit, Remedy)
	for i, loss := range losses {
		if i == maxListed {
			fmt.Fprintf(&b, "  … and %d more\n", len(losses)-maxListed)
			break
		}
		fmt.Fprintf(&b, "  %s: %s\n", loss.name(), loss.what())
	}
	return b.String()
}

func (l Loss) name() string {
	if l.Username == "" {
		return l.Email
	}
	return l.Username + " <" + l.Email + ">"
}

// maxStacks is the most stacks of one person that the text lists.
const maxStacks = 3

func (l Loss) what() string {
	stacks := strings.Join(l.Stacks[:min(len(l.Stacks), maxStacks)], ", ")
	if more := len(l.Stacks) - maxStacks; more > 0 {
		stacks += fmt.Sprintf(" and %d more", more)
	}
	switch {
	case !l.Everything:
		return stacks
	case stacks == "":
		return "everything"
	}
	return "everything (" + stacks + ")"
}
