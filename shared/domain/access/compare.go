package access

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/stack"
)

// compare returns the entries of all users, and of all that the server shows to anybody
// else.
func compare(users []run.User, iamUsers []discover.IAMUser, mappings []Mapping) []Entry {
	byAccount := map[string][]Mapping{}
	entries := []Entry{}
	for _, m := range mappings {
		if m.Group != "" {
			entries = append(entries, shown(Entry{ServerGroup: m.Group}, m, Unmanaged))
			continue
		}
		byAccount[m.Account] = append(byAccount[m.Account], m)
	}
	groups := map[string][]string{} // by username
	for _, u := range iamUsers {
		groups[u.Username] = u.Groups
	}
	claimed := map[string]bool{}
	for _, user := range users {
		claimed[user.Email] = true
		entries = append(entries, userEntries(user, groups[user.Username], byAccount[user.Email])...)
	}
	for _, account := range slices.Sorted(maps.Keys(byAccount)) {
		if !claimed[account] {
			for _, m := range byAccount[account] {
				entries = append(entries, shown(Entry{Account: account}, m, statusOf(m, false)))
			}
		}
	}
	slices.SortStableFunc(entries, func(a, b Entry) int {
		return cmp.Or(compareLast(a.Username, b.Username), compareLast(a.Account, b.Account),
			strings.Compare(a.ServerGroup, b.ServerGroup), strings.Compare(a.Bucket, b.Bucket), strings.Compare(a.Folder, b.Folder))
	})
	return entries
}

// userEntries returns what a user should reach, and what their account shows.
func userEntries(user run.User, iamGroups []string, mappings []Mapping) []Entry {
	if user.Email == "" {
		mappings = nil // No account has an empty name.
	}
	entry := func(bucket string) Entry {
		return Entry{
			Username: user.Username, Account: user.Email, SharedWith: user.SharedWith,
			Bucket: bucket, Groups: groupsOf(bucket, iamGroups),
		}
	}
	missing := map[string]bool{}
	for _, name := range user.BucketNames() {
		missing[name] = true
	}
	var entries []Entry
	for _, m := range mappings {
		should := m.Managed && keeps(user, m.Bucket)
		if m.Managed && !should && user.Shared != nil && keeps(user.WithSharedAccess(), m.Bucket) {
			continue // It is another's with the same Email tag.
		}
		if should {
			delete(missing, m.Bucket)
		}
		entries = append(entries, shown(entry(m.Bucket), m, statusOf(m, should)))
	}
	for bucket := range missing {
		e := entry(bucket)
		e.Should, e.Status = true, Missing
		if user.Email == "" {
			e.Should, e.Status = false, NoEmailTag
		}
		entries = append(entries, e)
	}
	return entries
}

// keeps reports whether a sync leaves a user a bucket that their account shows: one of
// theirs, or any of a stack of which no bucket was found.
func keeps(user run.User, bucket string) bool {
	return slices.Contains(user.BucketNames(), bucket) || user.LeavesAlone(bucket)
}

// shown returns an entry that the server shows.
func shown(e Entry, m Mapping, status Status) Entry {
	e.Bucket, e.Folder, e.Is, e.Status = m.Bucket, m.Folder, true, status
	e.Should = status == InSync
	if e.Groups == nil {
		e.Groups = []string{}
	}
	return e
}

func statusOf(m Mapping, should bool) Status {
	switch {
	case !m.Managed:
		return Unmanaged
	case should:
		return InSync
	}
	return Extra
}

// groupsOf returns the groups that give a bucket, in order.
func groupsOf(bucket string, groups []string) []string {
	of, ok := stack.OfBucket(bucket)
	giving := []string{}
	for _, group := range groups {
		if name, isStack := stack.OfGroup(group); ok && isStack && name == of {
			giving = append(giving, group)
		}
	}
	slices.Sort(giving)
	return giving
}

// compareLast orders names, with empty ones last.
func compareLast(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == "":
		return 1
	case b == "":
		return -1
	}
	return strings.Compare(a, b)
}
