package summarize

import (
	"encoding/json"
	"fmt"
	"iter"

	"github.com/digipres/sync-users/shared/domain/maprun"
	"github.com/digipres/sync-users/shared/domain/run"
)

// userID identifies a user of a run: an IAM user, or an account that nobody claims.
type userID struct{ username, email string }

func newUserID(username, email string) userID {
	if username != "" {
		return userID{username: username}
	}
	return userID{email: email}
}

// userResults returns one result for each of the users, in their order, and calls
// record with it. A user without a result counts as failed.
func userResults(users iter.Seq2[run.User, error], children iter.Seq2[maprun.Child, error], record func(run.User, run.Result)) ([]run.Result, error) {
	byID, shared := map[userID]run.Result{}, sharedNames{}
	for child, err := range children {
		if err != nil {
			return nil, err
		}
		if result, ok := parseResult(child); ok {
			shared.replace(result.Buckets, result.Added, result.Removed)
			byID[newUserID(result.Username, result.Email)] = result
		}
	}
	var results []run.Result
	for user, err := range users {
		if err != nil {
			return nil, fmt.Errorf("read the users of the run: %w", err)
		}
		result, ok := byID[newUserID(user.Username, user.Email)]
		if !ok {
			result = run.Result{
				Username: user.Username,
				Outcome:  run.Failed,
				Error:    "NoResult",
				Reason:   "the run ended before this user was synced",
			}
		}
		result.Email = user.Email
		record(user, result)
		results = append(results, result)
	}
	return results, nil
}

// sharedNames are names that many results have, each once in memory.
type sharedNames map[string]string

// replace replaces names by those that are in memory already.
func (s sharedNames) replace(lists ...[]string) {
	for _, names := range lists {
		for i, name := range names {
			if _, ok := s[name]; !ok {
				s[name] = name
			}
			names[i] = s[name]
		}
	}
}

// parseResult returns the result of the user that a child execution synced; false
// if it did not start or does not name a user.
func parseResult(child maprun.Child) (run.Result, bool) {
	if child.Output != "" {
		// The output of sync-user, or what the workflow's Catch made of its error.
		var output struct {
			run.Result
			Caught *struct{ Error, Cause string } `json:"caught"`
		}
		if err := json.Unmarshal([]byte(child.Output), &output); err == nil && output.Outcome != "" {
			if caught := output.Caught; caught != nil {
				output.Error, output.Reason = caught.Error, maprun.Reason(caught.Error, caught.Cause)
				output.Removed = run.RemovedNevertheless(caught.Cause)
			}
			if output.Username == "" && output.Email == "" {
				output.Email = parseInput(child).Email
			}
			return output.Result, output.Username+output.Email != ""
		}
	}
	user := parseInput(child)
	if user.Username+user.Email == "" || child.Error == "" {
		return run.Result{}, false
	}
	return run.Result{
		Username: user.Username,
		Email:    user.Email,
		Outcome:  run.Failed,
		Error:    child.Error,
		Reason:   maprun.Reason(child.Error, child.Cause),
	}, true
}

// parseInput returns the user of a child execution's input; none if it names none. The
// workflow's Catch keeps only the Username.
func parseInput(child maprun.Child) run.User {
	var input struct {
		User struct{ Username, Email string } `json:"user"`
	}
	if json.Unmarshal([]byte(child.Input), &input) != nil {
		return run.User{}
	}
	return run.User{Username: input.User.Username, Email: input.User.Email}
}
