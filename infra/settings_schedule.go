package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // so that a time zone's name is known on any machine
)

const (
	// longestStaleHours is the longest that an alarm on hours can look back
	// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html).
	longestStaleHours = 168
	// dailyStaleHours is a day and the delay for a run that is late.
	dailyStaleHours = 24 + delayHours
	delayHours      = 2
)

var (
	// rate is one of EventBridge, whose documentation takes no `1 hours` and no
	// `5 hour`
	// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rate-expressions.html).
	rate = regexp.MustCompile(`^rate\((?:(1) (minute|hour|day)|([2-9]|[1-9][0-9]+) (minute|hour|day)s)\)$`)
	// zone is how the names of time zones are written everywhere: a system that
	// doesn't mind the case would take others.
	zone = regexp.MustCompile(`^[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*)*$`)
)

func schedule(to *string) func(string) error {
	return func(value string) error {
		if value == "none" {
			return nil
		}
		if err := checkSchedule(value); err != nil {
			return err
		}
		*to = value
		return nil
	}
}

func checkSchedule(value string) error {
	kind, _, _ := strings.Cut(strings.TrimSuffix(value, ")"), "(")
	if !strings.HasSuffix(value, ")") {
		kind = ""
	}
	switch kind {
	case "cron":
		_, err := readCron(value)
		return err
	case "rate":
		if !rate.MatchString(value) {
			return fmt.Errorf("%q is not a rate like rate(1 hour), rate(90 minutes) or rate(2 days): 1 goes with minute, hour or day, and more with an s", value)
		}
		return nil
	case "at":
		return fmt.Errorf("%q is once, and a schedule is for runs that come again: upload TRIGGER for one run, or give a rate or a cron", value)
	}
	return fmt.Errorf("%q is neither none, nor a rate like rate(1 hour), nor a cron like cron(0 6 * * ? *)", value)
}

func timeZone(to *string) func(string) error {
	return func(value string) error {
		if _, err := time.LoadLocation(value); err != nil || value == "Local" || !zone.MatchString(value) {
			return fmt.Errorf("%q is not a time zone like Europe/Vienna", value)
		}
		*to = value
		return nil
	}
}

// complete finds how long is too long without a run, or tells what is wrong
// with what was given. An hour more than there can be between two runs is the
// least for which the alarm is not a false one.
func (s *Schedule) complete(hoursGiven bool) error {
	if s.Expression == "" {
		if hoursGiven && s.StaleAfterHours > 0 {
			return errors.New("it is given without a schedule: without one nobody can say when a run is missing")
		}
		return nil
	}
	apart, usual := s.hoursApart()
	switch {
	case hoursGiven && (s.StaleAfterHours == 0 || s.StaleAfterHours > apart):
	case hoursGiven && apart >= longestStaleHours:
		return fmt.Errorf("runs of %s are farther apart than an alarm can look back: give 0 for none", s.Expression)
	case hoursGiven:
		return fmt.Errorf("%d is not more than the %d hours between two runs of %s: give more, or 0 for no alarm",
			s.StaleAfterHours, apart, s.Expression)
	case usual >= 0:
		s.StaleAfterHours = usual
	case apart >= longestStaleHours:
		return fmt.Errorf("it is missing: runs of %s are farther apart than an alarm can look back: give 0 for none", s.Expression)
	default:
		return fmt.Errorf("it is missing: %s does not run every day, so say how long is too long: more than the %d hours between two runs, like %d, or 0 for no alarm",
			s.Expression, apart, min(apart+delayHours, longestStaleHours))
	}
	return nil
}

// hoursApart is the longest time between two runs, in hours rounded up, and
// after how many hours an alarm usually tells; less than zero where there is
// no such number.
func (s *Schedule) hoursApart() (apart, usual int) {
	if m := rate.FindStringSubmatch(s.Expression); m != nil {
		apart = rateHours(m[1]+m[3], m[2]+m[4])
		if apart >= longestStaleHours {
			return apart, 0
		}
		return apart, min(2*apart, longestStaleHours)
	}
	cron, err := readCron(s.Expression)
	if err != nil {
		return 0, 0
	}
	if !cron.everyDay() {
		return cron.hoursApart(), -1
	}
	return cron.hoursApart(), dailyStaleHours
}

func rateHours(value, unit string) int {
	n, err := strconv.Atoi(value)
	// A number that is too long for an int is longer than any alarm as well.
	if err != nil || n > longestStaleHours*60 {
		return longestStaleHours
	}
	switch unit {
	case "minute":
		return (n + 59) / 60
	case "day":
		return n * 24
	}
	return n
}
