package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCrons(t *testing.T) {
	t.Parallel()
	tests := []struct {
		give     string
		hours    int
		everyDay bool
	}{
		{"cron(0 6 * * ? *)", 24, true},
		{"cron(00 06 ? * * *)", 24, true},
		{"cron(*/5 * * * ? *)", 1, true},
		{"cron(1/10 6,18 ? * 1-7 *)", 12, true},
		{"cron(0 6 ? * SUN-SAT *)", 24, true},
		{"cron(0 6 * JAN-DEC ? *)", 24, true},
		{"cron(0 6 * JAN ? *)", 31 * 24, false},
		{"cron(0 6 * * ? 1970-2199)", 24, true},
		{"cron(0 6 * * ? 2027,2029/2)", 24, false},
		{"cron(0 6 ? * 2-6 *)", 72, false},
		{"cron(0 6 ? * MON,WED,FRI *)", 72, false},
		{"cron(0 6 ? * MON *)", 168, false},
		{"cron(0 6 ? * L *)", 31 * 24, false},
		{"cron(0 6 ? * FRIL *)", 31 * 24, false},
		{"cron(0 6 ? * 6#3 *)", 31 * 24, false},
		{"cron(0 6 L * ? *)", 31 * 24, false},
		{"cron(0 6 LW * ? *)", 31 * 24, false},
		{"cron(0 6 L-3 * ? *)", 31 * 24, false},
		{"cron(0 6 15W * ? *)", 31 * 24, false},
		{"cron(0 6 31 * ? *)", 31 * 24, false},
		{"cron(0 6 1-30 * ? *)", 48, false},
		{"cron(0 6 1/2 * ? *)", 48, false},
		{"cron(0 6 1,15 * ? *)", 17 * 24, false},
		{"cron(0 6 29 2 ? *)", 31 * 24, false},
	}
	for _, test := range tests {
		t.Run(test.give, func(t *testing.T) {
			t.Parallel()
			read, err := readCron(test.give)
			require.NoError(t, err)
			assert.Equal(t, test.hours, read.hoursApart())
			assert.Equal(t, test.everyDay, read.everyDay())
		})
	}
}

func TestWrongCrons(t *testing.T) {
	t.Parallel()
	const (
		sixParts = " is not six parts with a space between: minutes, hours, day of month, month, day of week and year, like cron(0 6 * * ? *)"
		oneDay   = " needs a ? for exactly one of day of month and day of week, like cron(0 6 * * ? *) or cron(0 6 ? * MON-FRI *)"
	)
	tests := []struct {
		give, want string
	}{
		{"cron()", sixParts},
		{"cron(0 6 * * ?)", sixParts},
		{"cron(0 6 * * ? * *)", sixParts},
		{"cron(0  6 * * ? *)", sixParts},
		{"cron(0 6 * * * *)", oneDay},
		{"cron(0 6 ? * ? *)", oneDay},
		{"cron(0 6 1 * MON *)", oneDay},
		{
			"cron(99 99 x y z w)", " is wrong in minutes 99 (0-59 with , - * /, a range upwards), hours 99 (0-23 with , - * /, a range upwards), day of month x (1-31 with , - * ? / L W, a range upwards), " +
				"month y (1-12 or JAN-DEC with , - * /, a range upwards), day of week z (1-7 or SUN-SAT with , - * ? L #, a range upwards), year w (1970-2199 with , - * /, a range upwards)",
		},
		{"cron(60 6 * * ? *)", " is wrong in minutes 60 (0-59 with , - * /, a range upwards)"},
		{"cron(-1 6 * * ? *)", " is wrong in minutes -1 (0-59 with , - * /, a range upwards)"},
		{"cron(0/0 6 * * ? *)", " is wrong in minutes 0/0 (0-59 with , - * /, a range upwards)"},
		{"cron(0, 6 * * ? *)", " is wrong in minutes 0, (0-59 with , - * /, a range upwards)"},
		{"cron(? 6 * * ? *)", " is wrong in minutes ? (0-59 with , - * /, a range upwards)"},
		{"cron(0 22-5 * * ? *)", " is wrong in hours 22-5 (0-23 with , - * /, a range upwards)"},
		{"cron(0 24 * * ? *)", " is wrong in hours 24 (0-23 with , - * /, a range upwards)"},
		{"cron(0 6 0 * ? *)", " is wrong in day of month 0 (1-31 with , - * ? / L W, a range upwards)"},
		{"cron(0 6 32W * ? *)", " is wrong in day of month 32W (1-31 with , - * ? / L W, a range upwards)"},
		{"cron(0 6 1,L * ? *)", " is wrong in day of month 1,L (1-31 with , - * ? / L W, a range upwards)"},
		{"cron(0 6 * 13 ? *)", " is wrong in month 13 (1-12 or JAN-DEC with , - * /, a range upwards)"},
		{"cron(0 6 * jan ? *)", " is wrong in month jan (1-12 or JAN-DEC with , - * /, a range upwards)"},
		{"cron(0 6 ? * 0 *)", " is wrong in day of week 0 (1-7 or SUN-SAT with , - * ? L #, a range upwards)"},
		{"cron(0 6 ? * FRI#6 *)", " is wrong in day of week FRI#6 (1-7 or SUN-SAT with , - * ? L #, a range upwards)"},
		{"cron(0 6 ? * 3#1,6#3 *)", " is wrong in day of week 3#1,6#3 (1-7 or SUN-SAT with , - * ? L #, a range upwards)"},
		{"cron(0 6 ? * 2/2 *)", " is wrong in day of week 2/2 (1-7 or SUN-SAT with , - * ? L #, a range upwards)"},
		{"cron(0 6 * * ? 1969)", " is wrong in year 1969 (1970-2199 with , - * /, a range upwards)"},
		{"cron(0 6 30 FEB ? *)", " is for a day that its months don't have"},
		{"cron(0 6 31 4,6 ? *)", " is for a day that its months don't have"},
	}
	for _, test := range tests {
		t.Run(test.give, func(t *testing.T) {
			t.Parallel()
			_, err := readCron(test.give)
			require.EqualError(t, err, `"`+test.give+`"`+test.want)
		})
	}
}
