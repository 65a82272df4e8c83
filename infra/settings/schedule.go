package settings

import (
	"regexp"
	"strconv"
	"time"
)

// longestStaleHours is the longest that an alarm on hours can look back
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html).
const longestStaleHours = 168

var (
	// schedulePattern has the rates that EventBridge documents, which are neither
	// `1 hours` nor `5 hour`
	// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rate-expressions.html),
	// and the shape of a cron: EventBridge Scheduler itself refuses wrong fields.
	schedulePattern = regexp.MustCompile(`^(none|rate\((1 (minute|hour|day)|([2-9]|[1-9][0-9]+) (minute|hour|day)s)\)|cron\([^ ()]+( [^ ()]+){5}\))$`)
	ratePattern     = regexp.MustCompile(`^rate\((\d+) (minute|hour|day)s?\)$`)
)

// Scheduled are the settings of a system whose runs a schedule can start.
type Scheduled struct {
	Schedule         string `setting:"schedule" default:"none" validate:"schedule" want:"none, nor a rate like rate(1 hour) or rate(90 minutes), nor six parts like cron(0 6 * * ? *)" help:"'none', 'rate(2 hours)' or 'cron(0 6 * * ? *)', as EventBridge Scheduler defines them"`
	ScheduleEnabled  bool   `setting:"scheduleEnabled" default:"true" help:"'false' creates the schedule without starting runs, and without its alarm, because a rate starts the first run at once"`
	ScheduleTimeZone string `setting:"scheduleTimeZone" default:"UTC" validate:"timezone,timezone_name" want:"a time zone like Europe/Vienna" help:"time zone of a cron, like 'Europe/Vienna'"`
	StaleAfterHours  int    `setting:"staleAfterHours" usual:"twice a rate; required with a cron" validate:"min=0,max=168" help:"with a schedule: raises an alarm when no run succeeded for so many hours, up to 168; '0' for no alarm"`
}

// Complete sets how many hours without a run raise an alarm, or adds what
// is wrong with the number that was given: with no more than the hours between two
// runs, the alarm would be false. No schedule is an empty one then.
func (s *Scheduled) Complete(found *Problems) {
	const name = "staleAfterHours"
	given := found.Given(name)
	between, isRate := hoursBetweenRuns(s.Schedule)
	switch {
	case found.Wrong("schedule"):
	case s.Schedule == "none":
		s.Schedule = ""
		if s.StaleAfterHours > 0 {
			found.Add(name, "it is given without a schedule: without one nobody can say when a run is missing")
		}
	case !isRate && !given:
		found.Add(name, "it is missing: give more hours than there are between two runs of %s, like 26 if it runs every day, or 0 for no alarm", s.Schedule)
	case !isRate, given && (s.StaleAfterHours == 0 || s.StaleAfterHours > between):
	case !given && between < longestStaleHours:
		s.StaleAfterHours = min(2*between, longestStaleHours)
	case given && between >= longestStaleHours:
		found.Add(name, "runs of %s are farther apart than an alarm can look back: give 0 for no alarm", s.Schedule)
	case given:
		found.Add(name, "%d is not more than the %d hours between two runs of %s: give more, or 0 for no alarm", s.StaleAfterHours, between, s.Schedule)
	}
	if !s.ScheduleEnabled {
		s.StaleAfterHours = 0 // No run is missing.
	}
}

// hoursBetweenRuns returns the hours between two runs of a rate, rounded up, and at
// most longestStaleHours; false for another schedule.
func hoursBetweenRuns(schedule string) (hours int, isRate bool) {
	rate := ratePattern.FindStringSubmatch(schedule)
	if rate == nil {
		return 0, false
	}
	number, err := strconv.Atoi(rate[1])
	if err != nil || number > longestStaleHours*60 {
		return longestStaleHours, true
	}
	unit := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[rate[2]]
	return min(int((time.Duration(number)*unit+time.Hour-1)/time.Hour), longestStaleHours), true
}
