package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// cronField is one of the six parts of a cron.
type cronField struct {
	name        string
	least, most int
	// names may stand for the values, from the least on.
	names     []string
	wildcards string
	// moving are the values, of a single part, whose day differs from month to
	// month.
	moving *regexp.Regexp
}

var (
	monthNames = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	dayNames   = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
)

// cronFields are those of EventBridge Scheduler
// (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based).
// Where that says no more than which characters there are, L, W and # stand as
// they do in Quartz, alone
// (https://www.quartz-scheduler.org/documentation/quartz-2.3.0/tutorials/crontrigger.html).
var cronFields = [6]cronField{
	{name: "minutes", least: 0, most: 59, wildcards: ", - * /"},
	{name: "hours", least: 0, most: 23, wildcards: ", - * /"},
	{
		name: "day of month", least: 1, most: 31, wildcards: ", - * ? / L W",
		moving: regexp.MustCompile(`^(L|LW|L-([1-9]|[12][0-9]|30)|([1-9]|[12][0-9]|3[01])W)$`),
	},
	{name: "month", least: 1, most: 12, names: monthNames, wildcards: ", - * /"},
	{
		name: "day of week", least: 1, most: 7, names: dayNames, wildcards: ", - * ? L #",
		moving: regexp.MustCompile(`^(L|([1-7]|` + strings.Join(dayNames, "|") + `)(L|#[1-5]))$`),
	},
	{name: "year", least: 1970, most: 2199, wildcards: ", - * /"},
}

// cron is when an expression runs: the values of each of its fields, in order.
// A field without any is `?`, or has a day that differs from month to month.
type cron [6][]int

// The places of a cron's fields.
const (
	minutesField = iota
	hoursField
	dayOfMonthField
	monthField
	dayOfWeekField
	yearField
)

// readCron reads `cron(…)`. Its error names every field that is wrong.
func readCron(expression string) (cron, error) {
	var read cron
	text, _ := strings.CutPrefix(strings.TrimSuffix(expression, ")"), "cron(")
	parts := strings.Split(text, " ")
	if len(parts) != len(read) {
		return read, fmt.Errorf("%q is not six parts with a space between: minutes, hours, day of month, month, day of week and year, like cron(0 6 * * ? *)", expression)
	}
	var wrong []string
	for i, field := range cronFields {
		values, ok := field.read(parts[i])
		if !ok {
			wrong = append(wrong, fmt.Sprintf("%s %s (%s)", field.name, parts[i], field))
		}
		read[i] = values
	}
	if wrong != nil {
		return read, fmt.Errorf("%q is wrong in %s", expression, strings.Join(wrong, ", "))
	}
	switch {
	case (parts[dayOfMonthField] == "?") == (parts[dayOfWeekField] == "?"):
		return read, fmt.Errorf("%q needs a ? for exactly one of day of month and day of week, like cron(0 6 * * ? *) or cron(0 6 ? * MON-FRI *)", expression)
	case read.neverComes():
		return read, fmt.Errorf("%q is for a day that its months don't have", expression)
	}
	return read, nil
}

// String says what may stand in the field.
func (f cronField) String() string {
	values := fmt.Sprintf("%d-%d", f.least, f.most)
	if f.names != nil {
		values += " or " + f.names[0] + "-" + f.names[len(f.names)-1]
	}
	return values + " with " + f.wildcards + ", a range upwards"
}

// read gives the values that a field's text stands for.
func (f cronField) read(text string) ([]int, bool) {
	if text == "?" && strings.Contains(f.wildcards, "?") || f.moving != nil && f.moving.MatchString(text) {
		return nil, true
	}
	var values []int
	for item := range strings.SplitSeq(text, ",") {
		first, last, step, ok := f.steps(item)
		if !ok {
			return nil, false
		}
		for value := first; value <= last; value += step {
			values = append(values, value)
		}
	}
	slices.Sort(values)
	return slices.Compact(values), true
}

// steps reads one item of a field's list, such as 5, 1-5, * or 1/10.
func (f cronField) steps(item string) (first, last, step int, ok bool) {
	span, every, stepped := strings.Cut(item, "/")
	step = 1
	if stepped {
		if !strings.Contains(f.wildcards, "/") {
			return 0, 0, 0, false
		}
		if step, ok = number(every, 1, f.most); !ok {
			return 0, 0, 0, false
		}
	}
	if span == "*" {
		return f.least, f.most, step, true
	}
	from, to, isRange := strings.Cut(span, "-")
	if first, ok = f.value(from); !ok {
		return 0, 0, 0, false
	}
	switch {
	case isRange:
		last, ok = f.value(to)
	case stepped:
		last = f.most
	default:
		last = first
	}
	return first, last, step, ok && first <= last
}

// value reads a number or a name.
func (f cronField) value(text string) (int, bool) {
	if i := slices.Index(f.names, text); i >= 0 {
		return f.least + i, true
	}
	return number(text, f.least, f.most)
}

// neverComes tells of a date such as the 31st of February.
func (c cron) neverComes() bool {
	if len(c[dayOfMonthField]) == 0 {
		return false
	}
	return !slices.ContainsFunc(c[monthField], func(month int) bool {
		longest := 31
		switch month {
		case 2:
			longest = 29
		case 4, 6, 9, 11:
			longest = 30
		}
		return c[dayOfMonthField][0] <= longest
	})
}

// everyDay tells whether it runs on every day there is.
func (c cron) everyDay() bool {
	return c.daysApart() == 1 && len(c[yearField]) == cronFields[yearField].most-cronFields[yearField].least+1
}

// hoursApart is the longest time between the last run of a day and the first
// of the next that has one, in hours rounded up.
func (c cron) hoursApart() int {
	last := func(field int) int { return c[field][len(c[field])-1] }
	day := (last(hoursField)-c[hoursField][0])*60 + last(minutesField) - c[minutesField][0]
	return (c.daysApart()*24*60 - day + 59) / 60
}

// daysApart is the longest time between two days with runs, within a year that
// has them. Of more than a week it only says that it is.
func (c cron) daysApart() int {
	const month31 = 31
	switch {
	case len(c[monthField]) < len(monthNames):
		return month31
	case len(c[dayOfWeekField]) > 0:
		return longestStep(c[dayOfWeekField], len(dayNames))
	case len(c[dayOfMonthField]) == 0:
		return month31
	}
	longest := 0
	for length := 28; length <= month31; length++ {
		there := slices.DeleteFunc(slices.Clone(c[dayOfMonthField]), func(day int) bool { return day > length })
		if len(there) == 0 {
			return month31
		}
		longest = max(longest, longestStep(there, length))
	}
	return longest
}

// longestStep is the longest way from a value to the next, with the first one
// coming again after a cycle.
func longestStep(values []int, cycle int) int {
	longest := values[0] + cycle - values[len(values)-1]
	for i := range values[1:] {
		longest = max(longest, values[i+1]-values[i])
	}
	return longest
}
