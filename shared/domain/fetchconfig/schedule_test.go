package fetchconfig_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/fetchconfig"
)

func TestParseSchedule(t *testing.T) {
	t.Parallel()
	tests := []struct {
		give string
		want fetchconfig.Schedule
		err  string
	}{
		{"@daily", "cron(0 0 * * ? *)", ""},
		{"@Every10Min", "cron(0/10 * * * ? *)", ""},
		{"@saturday", "cron(0 0 ? * 7 *)", ""},
		{"@weekly", "cron(0 0 ? * 1 *)", ""},
		{"On-Demand", fetchconfig.OnDemand, ""},
		{"0  6 * * ? *", "cron(0 6 * * ? *)", ""},
		{"cron( 0 6 * * ? * )", "cron(0 6 * * ? *)", ""},
		{"cron(0/15 8-17 ? * MON-FRI 2026-2030)", "cron(0/15 8-17 ? * MON-FRI 2026-2030)", ""},
		{"0,30 0 L * ? *", "cron(0,30 0 L * ? *)", ""},
		{"0 0 15W jan ? *", "cron(0 0 15W jan ? *)", ""},
		{"0 0 L-3 1,6 ? *", "cron(0 0 L-3 1,6 ? *)", ""},
		{"0 0 ? * FRI#2 *", "cron(0 0 ? * FRI#2 *)", ""},
		{"0 0 ? * 6L *", "cron(0 0 ? * 6L *)", ""},
		{"rate(1 hour)", "rate(1 hour)", ""},
		{"rate(90 minutes)", "rate(90 minutes)", ""},
		{"rate(1 hours)", "", "is not a rate"},
		{"rate(0 minutes)", "", "is not a rate"},
		{"", "", "six fields"},
		{"every day", "", "six fields"},
		{"60 0 * * ? *", "", `"60" is no minute`},
		{"0 0 0 * ? *", "", `"0" is no day of the month`},
		{"0 0 ? * 8 *", "", `"8" is no day of the week`},
		{"0 0 ? * MON#6 *", "", `"MON#6" is no day of the week`},
		{"0 0 * FEB-30 ? *", "", `"FEB-30" is no month`},
		{"0 0 * * ? 26", "", `"26" is no year`},
		{"0/0 0 * * ? *", "", `"0/0" is no minute`},
		{"? 0 * * ? *", "", `"?" is no minute`},
		{"0 0 * * * *", "", `must be "?"`},
		{"0 0 ? * ? *", "", `must be "?"`},
		{"0 , * * ? *", "", `"" is no hour`},
	}
	for _, tt := range tests {
		t.Run(tt.give, func(t *testing.T) {
			t.Parallel()
			schedule, err := fetchconfig.ParseSchedule(tt.give)
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.want, schedule)
		})
	}
}

func TestInterval(t *testing.T) {
	t.Parallel()
	for give, want := range map[string]time.Duration{
		"@minutely": time.Minute, "@every10min": 10 * time.Minute, "@hourly": time.Hour, "@daily": 24 * time.Hour, "@monthly": 744 * time.Hour,
		"@wednesday": 168 * time.Hour, "rate(90 minutes)": 90 * time.Minute, "rate(1 day)": 24 * time.Hour, "0 6 * * ? *": 0, "on-demand": 0,
	} {
		schedule, err := fetchconfig.ParseSchedule(give)
		require.NoError(t, err)
		assert.Equal(t, want, schedule.Interval(), give)
	}
}

// Dates are UTC's, up to the second in which the day ends.
func TestExpandDates(t *testing.T) {
	t.Parallel()
	vienna := time.FixedZone("CET", 3600)
	tests := []struct {
		name, give string
		at         time.Time
		want       string
	}{
		{"all", "/a/%year%/%month%-%day%", time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC), "/a/2026/03-09"},
		{"the last second", "%day%", time.Date(2026, 3, 9, 23, 59, 59, 999, time.UTC), "09"},
		{"midnight", "%year%%month%%day%", time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), "20270101"},
		{"a day that has begun elsewhere", "%day%", time.Date(2026, 3, 10, 0, 30, 0, 0, vienna), "09"},
		{"twice", "%day%/%day%", time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC), "09/09"},
		{"other text", "/100%/%hour%/%/%%day%", time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC), "/100%/%hour%/%/%09"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, fetchconfig.ExpandDates(tt.give, tt.at))
		})
	}
	sync := fetchconfig.Sync{RemoteFolders: fetchconfig.RemoteFolders{Folder: "/a/%year%"}, Strip: "/a/%year%"}
	assert.Equal(t, "/a/2026", sync.FolderAt(tests[0].at))
	assert.Equal(t, "/a/2026", sync.StripAt(tests[0].at))
}

// Names stay as they are if they can, and never become those of another folder.
func TestSafe(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "daily-reports", fetchconfig.Safe("daily-reports", 32))
	seen := map[string]string{}
	for _, name := range []string{
		"SFTP-Partner-1", "sftp-partner-1", "SFTP Partner 1", "/a/b", "/a-b", "a-b", "/%year%/%month%/%day%", "-a-", "", "äöü", "日本", "a b", "a+b@example.org",
		"/very/deep/folder/of/a/partner/with/many/levels/in/it/one", "/very/deep/folder/of/a/partner/with/many/levels/in/it/two",
		"a23456789012345678901234567890123", "a23456789012345678901234567890124",
	} {
		safe := fetchconfig.Safe(name, 32)
		assert.Regexp(t, `^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`, safe)
		assert.Empty(t, seen[safe], "%q is that of %q", safe, name)
		assert.Equal(t, safe, fetchconfig.Safe(safe, 32))
		seen[safe] = name
		assert.LessOrEqual(t, len(fetchconfig.Safe(name, 24)), 24)
	}
}

// A sync keeps its name when others come before it, or when it is done otherwise, and has
// another one at another place.
func TestNamesOfSyncs(t *testing.T) {
	t.Parallel()
	name := func(text string) string {
		server, err := fetchconfig.Parse([]byte(text))
		require.NoError(t, err)
		return server.SyncSettings[len(server.SyncSettings)-1].Name
	}
	want := name(edited())
	assert.Equal(t, "out-373da6e5", want, "names are persisted")
	for _, same := range []string{
		edited("@daily", "@hourly"), with(`"after": "delete"`), edited("/out", "/out/"), edited(`"partner"}`, `"/partner/"}`), edited("true", "false"),
		edited(`[{`, `[{"LocalRepository": {"BucketName": "incoming"}, "RemoteFolders": {"Folder": "/first"}}, {`),
	} {
		assert.Equal(t, want, name(same), same)
	}
	for _, other := range []string{edited("/out", "/ou-t"), edited("incoming", "other"), edited(`"Prefix": "partner"`, `"Prefix": "x"`)} {
		assert.NotEqual(t, want, name(other), other)
	}
	assert.NotEqual(t, name(edited("/out", "/a/b")), name(edited("/out", "/a-b")))
}
