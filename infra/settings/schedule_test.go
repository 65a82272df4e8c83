package settings

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type schedule struct {
	expression, timeZone string
	staleAfterHours      int
}

func TestSchedules(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give map[string]any
		want schedule
	}{
		{"none", map[string]any{"schedule": "none"}, schedule{"", "UTC", 0}},
		{"none with an alarm that is none", map[string]any{"schedule": "none", "staleAfterHours": 0.0}, schedule{"", "UTC", 0}},
		{"rate", map[string]any{"schedule": "rate(90 minutes)"}, schedule{"rate(90 minutes)", "UTC", 4}},
		{"rate of one", map[string]any{"schedule": "rate(1 hour)"}, schedule{"rate(1 hour)", "UTC", 2}},
		{"rate without an alarm", map[string]any{"schedule": "rate(1 hour)", "staleAfterHours": "0"}, schedule{"rate(1 hour)", "UTC", 0}},
		{"rate that an alarm can look back to once", map[string]any{"schedule": "rate(6 days)"}, schedule{"rate(6 days)", "UTC", 168}},
		{"rate that no alarm can look back to", map[string]any{"schedule": "rate(7 days)"}, schedule{"rate(7 days)", "UTC", 0}},
		{"rate longer than a number can be", map[string]any{"schedule": "rate(99999999999999999999 days)"}, schedule{"rate(99999999999999999999 days)", "UTC", 0}},
		{"rate that is off", map[string]any{"schedule": "rate(1 hour)", "scheduleEnabled": false}, schedule{"rate(1 hour)", "UTC", 0}},
		{"rate that is off, with an alarm", map[string]any{"schedule": "rate(1 hour)", "staleAfterHours": 3.0, "scheduleEnabled": "false"}, schedule{"rate(1 hour)", "UTC", 0}},
		{"every day", map[string]any{"schedule": "cron(0 6 * * ? *)", "scheduleTimeZone": "Europe/Vienna", "staleAfterHours": 26.0}, schedule{"cron(0 6 * * ? *)", "Europe/Vienna", 26}},
		{"every day of the week", map[string]any{"schedule": "cron(0/15 6-18 ? * * *)", "staleAfterHours": "26"}, schedule{"cron(0/15 6-18 ? * * *)", "UTC", 26}},
		{"every day and hour", map[string]any{"schedule": "cron(0 * * * ? *)", "staleAfterHours": 2.0}, schedule{"cron(0 * * * ? *)", "UTC", 2}},
		{"working days", map[string]any{"schedule": "cron(0 6 ? * MON-FRI *)", "staleAfterHours": 73.0}, schedule{"cron(0 6 ? * MON-FRI *)", "UTC", 73}},
		{"once a week", map[string]any{"schedule": "cron(0 6 ? * MON *)", "staleAfterHours": 0.0}, schedule{"cron(0 6 ? * MON *)", "UTC", 0}},
		{"twice a month", map[string]any{"schedule": "cron(0 6 1,15 * ? *)", "staleAfterHours": 0.0}, schedule{"cron(0 6 1,15 * ? *)", "UTC", 0}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			settings, err := readInstallation(enough(test.give))
			require.NoError(t, err)
			assert.Equal(t, test.want, schedule{settings.Schedule, settings.ScheduleTimeZone, settings.StaleAfterHours})
		})
	}
}

func TestWrongSchedules(t *testing.T) {
	t.Parallel()
	const wrong = " is not none, nor a rate like rate(1 hour) or rate(90 minutes), nor six parts like cron(0 6 * * ? *)"
	tests := []struct {
		name string
		give map[string]any
		want string
	}{
		{"a word", map[string]any{"schedule": "daily"}, `setting schedule: "daily"` + wrong},
		{"a cron without its brackets", map[string]any{"schedule": "0 6 * * ? *"}, `setting schedule: "0 6 * * ? *"` + wrong},
		{"a cron without its end", map[string]any{"schedule": "cron(0 6 * * ? *"}, `setting schedule: "cron(0 6 * * ? *"` + wrong},
		{"rate of nothing", map[string]any{"schedule": "rate(0 hours)"}, `setting schedule: "rate(0 hours)"` + wrong},
		{"rate of one hours", map[string]any{"schedule": "rate(1 hours)"}, `setting schedule: "rate(1 hours)"` + wrong},
		{"rate of two hour", map[string]any{"schedule": "rate(2 hour)"}, `setting schedule: "rate(2 hour)"` + wrong},
		{"rate in weeks", map[string]any{"schedule": "rate(2 weeks)"}, `setting schedule: "rate(2 weeks)"` + wrong},
		{"rate backwards", map[string]any{"schedule": "rate(-2 hours)"}, `setting schedule: "rate(-2 hours)"` + wrong},
		{"once", map[string]any{"schedule": "at(2027-01-01T06:00:00)"}, `setting schedule: "at(2027-01-01T06:00:00)"` + wrong},
		{"wrong schedule with an alarm", map[string]any{"schedule": "daily", "staleAfterHours": 5.0}, `setting schedule: "daily"` + wrong},
		{"no time zone", map[string]any{"scheduleTimeZone": "Vienna"}, `setting scheduleTimeZone: "Vienna" is not a time zone like Europe/Vienna`},
		{"time zone in other letters", map[string]any{"scheduleTimeZone": "europe/vienna"}, `setting scheduleTimeZone: "europe/vienna" is not a time zone like Europe/Vienna`},
		{"time zone of the file system", map[string]any{"scheduleTimeZone": "posix/Europe/Vienna"}, `setting scheduleTimeZone: "posix/Europe/Vienna" is not a time zone like Europe/Vienna`},
		{"alarm without a schedule", map[string]any{"staleAfterHours": 5.0}, "setting staleAfterHours: it is given without a schedule: without one nobody can say when a run is missing"},
		{"alarm before the next run", map[string]any{"schedule": "rate(1 day)", "staleAfterHours": 24.0}, "setting staleAfterHours: 24 is not more than the 24 hours between two runs of rate(1 day): give more, or 0 for no alarm"},
		{"alarm beyond what CloudWatch can", map[string]any{"schedule": "rate(1 day)", "staleAfterHours": 200.0}, `setting staleAfterHours: "200" is not a whole number from 0 to 168`},
		{"cron without a word on the alarm", map[string]any{"schedule": "cron(0/30 6-18 ? * MON-FRI *)"}, "setting staleAfterHours: it is missing: give more hours than there are between two runs of cron(0/30 6-18 ? * MON-FRI *), like 26 if it runs every day, or 0 for no alarm"},
		{"alarm on a rate that no alarm can look back to", map[string]any{"schedule": "rate(7 days)", "staleAfterHours": 168.0}, "setting staleAfterHours: runs of rate(7 days) are farther apart than an alarm can look back: give 0 for no alarm"},
		{"cron with a part missing", map[string]any{"schedule": "cron(0 6 * * ?)", "staleAfterHours": 0.0}, `setting schedule: "cron(0 6 * * ?)"` + wrong},
		{"cron with a part too many", map[string]any{"schedule": "cron(0 6 * * ? * *)", "staleAfterHours": 0.0}, `setting schedule: "cron(0 6 * * ? * *)"` + wrong},
		{"cron with two spaces", map[string]any{"schedule": "cron(0  6 * * ? *)", "staleAfterHours": 0.0}, `setting schedule: "cron(0  6 * * ? *)"` + wrong},
		{"cron of nothing", map[string]any{"schedule": "cron()"}, `setting schedule: "cron()"` + wrong},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := readInstallation(enough(test.give))
			require.EqualError(t, err, test.want)
		})
	}
}
