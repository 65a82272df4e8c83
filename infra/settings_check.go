package main

import (
	"errors"
	"fmt"
	"strconv"
)

// defaultStaleHours is a day and two hours for a run that is late.
const defaultStaleHours = 26

// complete checks what concerns more than one setting, and fills in what
// follows from others. What is wrong already is not told a second time.
func (s *Settings) complete(answers map[string]answer) []error {
	given := func(name string) bool { return answers[name] != notGiven }
	var problems []error
	problem := func(name, format string, args ...any) {
		problems = append(problems, fmt.Errorf("setting "+name+": "+format, args...))
	}
	if !given("managedBucket") {
		problem("managedBucket", "it is missing: give the bucket to which TRIGGER is uploaded, like digipres-dev1-managed")
	}
	if !given("sftpgoHost") {
		problem("sftpgoHost", "it is missing: give SFTPGo's URL, here or as SFTPGO_HOST in the environment")
	}
	switch {
	case given("sftpgoApiKey") && (given("sftpgoUsername") || given("sftpgoPassword")):
		problem("sftpgoApiKey", "it is given together with a username or a password: take one of the two ways away")
	case given("sftpgoApiKey"):
	case !given("sftpgoUsername"):
		problem("sftpgoUsername", "it is missing: give it, here or as SFTPGO_USERNAME in the environment, or sftpgoApiKey instead")
	case !given("sftpgoPassword"):
		s.SFTPGo.Password = referencePrefix + passwordParameter
	}
	if s.Parameters.AccessKeyPrefix != "" && s.Parameters.AccessKeyPrefix == s.Parameters.SecretKeyPrefix {
		problem("secretKeyPrefix", "it is the same as accessKeyPrefix: a user's two keys need two places")
	}
	if given("subnets") && !given("vpc") && !given("securityGroups") {
		problem("subnets", "they come without a vpc, in which a security group can be made, and without securityGroups: give one of the two")
	}
	if !given("subnets") && (given("vpc") || given("securityGroups")) {
		problem("subnets", "they are missing: a vpc or securityGroups alone put no Lambda anywhere")
	}
	if answers["schedule"] != givenWrong && answers["staleAfterHours"] != givenWrong {
		if err := s.Schedule.complete(given("staleAfterHours")); err != nil {
			problem("staleAfterHours", "%w", err)
		}
	}
	return problems
}

// complete finds how long is too long without a run, or tells what is wrong
// with what was given.
func (s *Schedule) complete(hoursGiven bool) error {
	hours := rateHours(s.Expression)
	switch {
	case s.Expression == "" && hoursGiven && s.StaleAfterHours > 0:
		return errors.New("it is given without a schedule: without one nobody can say when a run is missing")
	case s.Expression == "" || hoursGiven && s.StaleAfterHours == 0:
	case hoursGiven && s.StaleAfterHours <= hours:
		return fmt.Errorf("%d is not more than the %d hours between two runs of %s: give more, or 0 for no alarm",
			s.StaleAfterHours, hours, s.Expression)
	case hoursGiven:
	case hours == 0:
		s.StaleAfterHours = defaultStaleHours
	case hours < longestStaleHours:
		s.StaleAfterHours = min(2*hours, longestStaleHours)
	}
	return nil
}

// rateHours is the time between two runs of a rate, in hours rounded up; zero
// for anything but a rate.
func rateHours(expression string) int {
	m := rate.FindStringSubmatch(expression)
	if m == nil {
		return 0
	}
	// A number that is too long for an int is longer than any alarm as well.
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return longestStaleHours
	}
	switch m[2] {
	case "minute":
		return (n + 59) / 60
	case "day":
		return n * 24
	}
	return n
}
