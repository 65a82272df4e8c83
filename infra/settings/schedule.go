package settings

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// longestStaleHours is the longest that an alarm on hours can look back
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html).
const longestStaleHours = 168

var (
	// ratePattern is what EventBridge documents, which is neither `1 hours` nor
	// `5 hour`
	// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rate-expressions.html).
	ratePattern = regexp.MustCompile(`^rate\((?:(1) (minute|hour|day)|([2-9]|[1-9][0-9]+) (minute|hour|day)s)\)$`)
	// cronPattern checks the shape alone: EventBridge Scheduler itself refuses a
	// field that is wrong, and the deploy shows its words.
	cronPattern = regexp.MustCompile(`^cron\([^ ()]+( [^ ()]+){5}\)$`)
)

// checkSchedule returns an error unless the value is none, a rate or the shape of
// a cron.
func checkSchedule(_ field, value string) error {
	if value == "none" || ratePattern.MatchString(value) || cronPattern.MatchString(value) {
		return nil
	}
	kind, _, _ := strings.Cut(value, "(")
	if !strings.HasSuffix(value, ")") {
		kind = ""
	}
	switch kind {
	case "cron":
		return fmt.Errorf("%q is not six parts with a space between: minutes, hours, day of month, month, day of week and year, like cron(0 6 * * ? *)", value)
	case "rate":
		return fmt.Errorf("%q is not a rate like rate(1 hour), rate(90 minutes) or rate(2 days): 1 goes with minute, hour or day, and more with an s", value)
	case "at":
		return fmt.Errorf("%q is once, and a schedule is for runs that come again: upload TRIGGER for one run, or give a rate or a cron", value)
	}
	return fmt.Errorf("%q is neither none, nor a rate like rate(1 hour), nor a cron like cron(0 6 * * ? *)", value)
}

// completeSchedule sets how many hours without a run raise an alarm, or adds what
// is wrong with the number that was given: no more than the hours between two runs
// would be a false alarm.
func (s *SyncUsers) completeSchedule(found *problems) {
	const name = "staleAfterHours"
	given := found.given(name)
	rate := ratePattern.FindStringSubmatch(s.Schedule)
	if rate == nil {
		switch {
		case s.Schedule == "none":
			s.Schedule = ""
			if s.StaleAfterHours > 0 {
				found.add(name, "it is given without a schedule: without one nobody can say when a run is missing")
			}
		case cronPattern.MatchString(s.Schedule) && !given:
			found.add(name, "it is missing: how far apart the runs of %s are is not known here, so give more hours than that, "+
				"like 26 for runs of every day, or 0 for no alarm", s.Schedule)
		}
		return
	}
	between := rateHours(rate[1]+rate[3], rate[2]+rate[4])
	switch {
	case !given && between < longestStaleHours:
		s.StaleAfterHours = min(2*between, longestStaleHours)
	case !given, s.StaleAfterHours == 0, s.StaleAfterHours > between:
	case between >= longestStaleHours:
		found.add(name, "runs of %s are farther apart than an alarm can look back: give 0 for no alarm", s.Schedule)
	default:
		found.add(name, "%d is not more than the %d hours between two runs of %s: give more, or 0 for no alarm", s.StaleAfterHours, between, s.Schedule)
	}
}

// rateHours returns the hours between two runs, rounded up, and at most
// longestStaleHours.
func rateHours(number, unit string) int {
	n, err := strconv.Atoi(number)
	if err != nil || n > longestStaleHours*60 {
		return longestStaleHours
	}
	length := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[unit]
	return min(int((time.Duration(n)*length+time.Hour-1)/time.Hour), longestStaleHours)
}
