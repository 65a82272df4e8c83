package discover

import (
	"slices"
	"strings"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/stack"
)

// Leave returns the users as they would be if one of them left a stack group, and the
// other groups of that user that give the same stack. It returns NotEligible if there is
// no such user, and InvalidInput if the group is no stack group, or the user is not in it.
func Leave(users []IAMUser, username, group string) (left []IAMUser, others []string, err error) {
	i := slices.IndexFunc(users, func(u IAMUser) bool { return u.Username == username })
	if i < 0 {
		return nil, nil, noSuchUser(username)
	}
	of, ok := stack.OfGroup(group)
	if !ok {
		return nil, nil, errkind.Errorf(errkind.InvalidInput,
			"%q is no stack group, so leaving it takes nothing: it is not named <org>-<env>-<role> in small letters and digits", group)
	}
	var stackGroups, rest []string
	for _, name := range slices.Sorted(slices.Values(users[i].Groups)) {
		gives, ok := stack.OfGroup(name)
		if ok {
			stackGroups = append(stackGroups, name)
		}
		if name != group {
			rest = append(rest, name)
		}
		if name != group && gives == of {
			others = append(others, name)
		}
	}
	if !slices.Contains(users[i].Groups, group) {
		return nil, nil, notMember(users, username, group, stackGroups)
	}
	left = slices.Clone(users)
	left[i].Groups = rest
	return left, others, nil
}

func notMember(users []IAMUser, username, group string, stackGroups []string) error {
	what := username + " is not in the group " + group
	if !slices.ContainsFunc(users, func(u IAMUser) bool { return slices.Contains(u.Groups, group) }) {
		what = "there is no group " + group + ", or nobody is in it"
	}
	if stackGroups == nil {
		return errkind.Errorf(errkind.InvalidInput, "%s; %s is in no stack group", what, username)
	}
	return errkind.Errorf(errkind.InvalidInput, "%s; the stack groups of %s are %s", what, username, strings.Join(stackGroups, ", "))
}
