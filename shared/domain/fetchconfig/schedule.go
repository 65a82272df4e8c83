package fetchconfig

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Schedule is when a sync runs: OnDemand, or an expression of EventBridge Scheduler in UTC such as
// cron(0 6 * * ? *) or rate(10 minutes). A file may have a tag such as @daily in its place, or
// the six fields of a cron alone.
type Schedule string

// OnDemand is the schedule of a sync that runs when somebody starts it.
const OnDemand Schedule = "on-demand"

// tags are the schedules with a name: those of TransferSync, and @weekly, which its example
// has and its code does not know.
var tags = map[string]Schedule{
	"@minutely":   "cron(* * * * ? *)",
	"@every10min": "cron(0/10 * * * ? *)",
	"@hourly":     "cron(0 * * * ? *)",
	"@daily":      "cron(0 0 * * ? *)",
	"@weekly":     "cron(0 0 ? * 1 *)",
	"@monthly":    "cron(0 0 1 * ? *)",
	"@sunday":     "cron(0 0 ? * 1 *)",
	"@monday":     "cron(0 0 ? * 2 *)",
	"@tuesday":    "cron(0 0 ? * 3 *)",
	"@wednesday":  "cron(0 0 ? * 4 *)",
	"@thursday":   "cron(0 0 ? * 5 *)",
	"@friday":     "cron(0 0 ? * 6 *)",
	"@saturday":   "cron(0 0 ? * 7 *)",
}

var (
	ratePattern = regexp.MustCompile(`^rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minute|hour|day)s)\)$`)
	cronPattern = regexp.MustCompile(`^cron\((.*)\)$`)
)

// cronFields are the fields of a cron in their order
// (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based).
var cronFields = []struct {
	name     string
	min, max int
	// names stand for the numbers from min on.
	names []string
	// special are the items besides numbers and ranges.
	special *regexp.Regexp
}{
	{"minute", 0, 59, nil, nil},
	{"hour", 0, 23, nil, nil},
	{"day of the month", 1, 31, nil, regexp.MustCompile(`^(\?|L|LW|L-([12]?\d|30)|([1-9]|[12]\d|3[01])W)$`)},
	{"month", 1, 12, strings.Fields("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"), nil},
	{"day of the week", 1, 7, strings.Fields("SUN MON TUE WED THU FRI SAT"), regexp.MustCompile(`^(\?|L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5]))$`)},
	{"year", 1970, 2199, nil, nil},
}

// ParseSchedule returns the schedule of a tag, an expression, or on-demand.
func ParseSchedule(text string) (Schedule, error) {
	text = strings.Join(strings.Fields(text), " ")
	lower := strings.ToLower(text)
	if lower == string(OnDemand) {
		return OnDemand, nil
	}
	if strings.HasPrefix(text, "@") {
		if expression, ok := tags[lower]; ok {
			return expression, nil
		}
		return "", fmt.Errorf("there is no tag %q%s; the tags are %s", text, didYouMean(text, slices.Collect(maps.Keys(tags))),
			strings.Join(slices.Sorted(maps.Keys(tags)), ", "))
	}
	if strings.HasPrefix(text, "rate") {
		if !ratePattern.MatchString(text) {
			return "", fmt.Errorf("%q is not a rate like rate(10 minutes) or rate(1 hour)", text)
		}
		return Schedule(text), nil
	}
	fields := text
	if m := cronPattern.FindStringSubmatch(text); m != nil {
		fields = m[1]
	}
	if err := checkCron(strings.Fields(fields)); err != nil {
		return "", fmt.Errorf("%q is no schedule: %w", text, err)
	}
	return Schedule("cron(" + strings.Join(strings.Fields(fields), " ") + ")"), nil
}

// checkCron returns what is wrong with the fields of a cron.
func checkCron(fields []string) error {
	if len(fields) != len(cronFields) {
		return fmt.Errorf(`a cron of AWS has six fields, as in "0 6 * * ? *", and this has %d; there are also tags such as @daily, and on-demand`, len(fields))
	}
	for i, field := range fields {
		for item := range strings.SplitSeq(field, ",") {
			if !isCronItem(item, i) {
				return fmt.Errorf("%q is no %s", item, cronFields[i].name)
			}
		}
	}
	if (fields[2] == "?") == (fields[4] == "?") {
		return fmt.Errorf(`one of day of the month and day of the week must be "?", and the other not`)
	}
	return nil
}

// isCronItem reports whether a field of a cron may have an item: *, a number or name, a range
// of two, each with a step or without, or what is special to the field.
func isCronItem(item string, field int) bool {
	f := cronFields[field]
	item = strings.ToUpper(item)
	if f.special != nil && f.special.MatchString(item) {
		return true
	}
	item, step, hasStep := strings.Cut(item, "/")
	if number, err := strconv.ParseUint(step, 10, 16); hasStep && (err != nil || number == 0) {
		return false
	}
	if item == "*" {
		return true
	}
	first, last, isRange := strings.Cut(item, "-")
	for _, value := range []string{first, last} {
		if value == "" && !isRange {
			continue
		}
		number, err := strconv.ParseUint(value, 10, 16)
		if !slices.Contains(f.names, value) && (err != nil || int(number) < f.min || int(number) > f.max) {
			return false
		}
	}
	return first != ""
}

// Interval returns the longest time between two runs, as far as tags and rates tell it; 0 if
// they don't.
func (s Schedule) Interval() time.Duration {
	if m := ratePattern.FindStringSubmatch(string(s)); m != nil {
		number, unit, _ := strings.Cut(m[1], " ")
		if count, err := strconv.Atoi(number); err == nil {
			return time.Duration(count) * units[unit[:1]]
		}
	}
	switch {
	case s == tags["@minutely"]:
		return time.Minute
	case s == tags["@every10min"]:
		return 10 * time.Minute
	case s == tags["@hourly"]:
		return time.Hour
	case s == tags["@daily"]:
		return 24 * time.Hour
	case s == tags["@monthly"]:
		return 31 * 24 * time.Hour
	}
	for _, expression := range tags {
		if s == expression {
			return 7 * 24 * time.Hour
		}
	}
	return 0
}
