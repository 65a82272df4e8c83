package transfer

import (
	"slices"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/syncuser"
)

// Plan is the difference between what a user shows and what it should show.
type Plan struct {
	// Update is what is written.
	Update Update
	// EndSessions reports whether the open sessions of the user's role are to be ended after
	// Update, and AfterSessions is what is written when they are.
	EndSessions   bool
	AfterSessions Update
	// Buckets are those that the user shows afterwards, and Added and Removed those
	// that it did not show before, or no longer shows; all in order.
	Buckets, Added, Removed []string
	// Blocked says why some bucket can't be shown; nil if all can.
	Blocked error
}

// plan compares a user with the IAM user. If the IAM user's buckets can't be shown, or
// others have the same tag, it plans only removals.
func (s Syncer) plan(current *User, user run.User) Plan {
	if len(user.SharedWith) > 0 {
		var plan Plan
		if user.Shared != nil {
			plan = s.planRemovals(current, user.WithSharedAccess())
		}
		plan.Blocked = sharedTag(user)
		return plan
	}
	plan, err := s.planAll(current, user)
	if err != nil {
		plan = s.planRemovals(current, user)
		plan.Blocked = err
	}
	return plan
}

// planAll plans the update after which a user shows the IAM user's buckets and no other
// stack bucket, or returns why no bucket can be shown. Blocked says which bucket is in
// conflict with an administrator's mapping.
func (s Syncer) planAll(current *User, user run.User) (Plan, error) {
	d := readDirectories(current)
	var plan Plan
	shown := keptBuckets(d, user)
	shows := newSet(shown)
	for _, bucket := range user.BucketNames() {
		if shows[bucket] {
			continue
		}
		if m, overlaps := d.overlapping(bucketMapping(bucket).Entry); overlaps {
			if plan.Blocked == nil {
				plan.Blocked = overlapError(bucket, m)
			}
			continue
		}
		plan.Added = append(plan.Added, bucket)
	}
	shown = slices.Concat(shown, plan.Added)
	if len(shown) > 0 && s.SessionPolicy && isForeignPolicy(current.Policy) {
		return Plan{}, errkind.Errorf(errkind.Conflict,
			"the Transfer user %s has a session policy that sync-users did not write; remove it, "+
				"or leave session policies to yourself with the setting sessionPolicy: false", current.Name)
	}
	count := len(d.with(shown))
	if s.Sessions != nil {
		count++ // sessionsToEnd
	}
	if count > maxMappings {
		return Plan{}, errkind.Errorf(errkind.Misconfigured,
			"the Transfer user %s would have %d logical directories, and AWS allows %d", current.Name, count, maxMappings)
	}
	err := s.complete(&plan, current, d, shown)
	return plan, err
}

// planRemovals plans the update after which a user shows no stack bucket but those of
// the IAM user that it shows already.
func (s Syncer) planRemovals(current *User, user run.User) Plan {
	d := readDirectories(current)
	var plan Plan
	// The policy that is there is not a reason to leave what has to go.
	_ = s.complete(&plan, current, d, keptBuckets(d, user))
	return plan
}

// keptBuckets returns the buckets of this program's mappings that a user keeps.
func keptBuckets(d directories, user run.User) []string {
	theirs := newSet(user.BucketNames())
	var kept []string
	for _, bucket := range d.owned {
		if theirs[bucket] || user.LeavesAlone(bucket) {
			kept = append(kept, bucket)
		}
	}
	return kept
}

func newSet(values []string) map[string]bool {
	set := make(map[string]bool, len(values))
	for _, value := range values {
		set[value] = true
	}
	return set
}

// complete completes the plan of a user who is to show the buckets. It leaves a user
// alone who shows none and has nothing of this program. It returns the error of a
// session policy that can't be made; the plan is then complete but for the policy.
func (s Syncer) complete(plan *Plan, current *User, d directories, shown []string) error {
	plan.Buckets = sortedSet(shown)
	for _, bucket := range sortedSet(d.owned) {
		if _, kept := slices.BinarySearch(plan.Buckets, bucket); !kept {
			plan.Removed = append(plan.Removed, bucket)
		}
	}
	if len(shown) == 0 && len(d.owned) == 0 && !(current.Logical && (d.noAccess || d.sessionsToEnd || isOwnPolicy(current.Policy))) {
		return nil
	}
	want, err := s.policyOf(current, d, plan.Buckets)
	if err == nil && want != "" && !samePolicy(want, current.Policy) {
		plan.Update.Policy = want
	}
	mappings := s.planSessions(plan, d)
	if !sameMappings(current, mappings) {
		plan.Update.Mappings = mappings
		home := Mapping{Entry: current.HomeDirectory}.expand(current.Name).Entry
		plan.Update.ClearHomeDirectory = home != "" &&
			!slices.ContainsFunc(mappings, func(m Mapping) bool { return isWithin(home, m.Entry) })
	}
	return err
}

// planSessions plans to end sessions if something is taken away, or was and they have not
// been ended: a bucket, or with a policy that is only corrected perhaps what one may do. It
// returns the user's mappings until then.
//
// The mark is written with what takes away, and only removed when the sessions have been
// ended. Ending them first would spare a session that begins between the two calls. A mark
// stays where sessions are not ended, for whoever ends them.
func (s Syncer) planSessions(plan *Plan, d directories) []Mapping {
	mappings := d.with(plan.Buckets)
	corrected := plan.Update.Policy != "" && len(plan.Added) == 0
	plan.EndSessions = s.Sessions != nil && (d.sessionsToEnd || len(plan.Removed) > 0 || corrected)
	_, noRoom := d.overlapping(sessionsToEnd.Entry) // A mapping at the root has no bucket beside it that could go.
	if !d.sessionsToEnd && (!plan.EndSessions || noRoom) {
		return mappings
	}
	if plan.EndSessions {
		plan.AfterSessions.Mappings = mappings
	}
	return append(slices.Clone(mappings), sessionsToEnd)
}

// policyOf returns the session policy that a user should have; empty if it should have
// the one that it has.
func (s Syncer) policyOf(current *User, d directories, shown []string) (string, error) {
	nothing := len(shown)+len(d.foreign) == 0
	switch {
	case isForeignPolicy(current.Policy), !s.SessionPolicy && (current.Policy == "" || nothing):
		return "", nil
	case !s.SessionPolicy:
		return allowAll, nil
	case nothing:
		return denyAll, nil
	}
	return sessionPolicy(partition(current.Role), shown, d.foreign)
}

func isForeignPolicy(policy string) bool { return policy != "" && !isOwnPolicy(policy) }

func overlapError(bucket string, m Mapping) error {
	if m.Entry == "/" {
		return errkind.Errorf(errkind.Conflict,
			"bucket %s can't be shown: %s is mapped at /, beside which AWS allows no other directory; map it at another path", bucket, m.Target)
	}
	return errkind.Errorf(errkind.Conflict,
		"bucket %s can't be shown: an administrator mapped %s at %s; map it at another path", bucket, m.Target, m.Entry)
}

// writes reports whether the plan writes anything.
func (p Plan) writes() bool { return !p.Update.empty() || p.EndSessions }

// changes returns the plan in words, for an IAM user's result.
func (p Plan) changes(current *User) syncuser.Changes {
	c := syncuser.Changes{Buckets: p.Buckets, Added: p.Added, Removed: p.Removed, Written: p.writes()}
	switch {
	case p.EndSessions:
		c.Other = "all open sessions of the role ended"
	case len(p.Removed) > 0:
		c.Other = "open sessions keep access until they end"
	case p.Update.Mappings != nil && !current.Logical && current.HomeDirectory != "":
		c.Other = "sees directories instead of absolute paths"
	case p.Update.Policy != "" && len(p.Added) == 0:
		c.Other = "session policy corrected"
	}
	return c
}
