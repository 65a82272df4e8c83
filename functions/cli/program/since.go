package program

import (
	"errors"
	"regexp"
	"strconv"
	"time"

	"github.com/spf13/cobra"
)

// Since is a flag that takes how long ago something was: days as in 7d, what
// time.ParseDuration knows as in 12h, or a date as in 2026-11-14, which begins at
// midnight in local time.
type Since struct {
	// Time is when it was; zero without a value.
	Time time.Time
	text string
}

// AddSince adds the flag to a command. The default may be empty.
func AddSince(cmd *cobra.Command, since *Since, name, defaultValue, usage string) {
	if defaultValue != "" {
		_ = since.Set(defaultValue)
	}
	cmd.Flags().Var(since, name, usage)
	_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions([]string{"1d", "7d", "30d", "90d"}, cobra.ShellCompDirectiveNoFileComp))
}

// String returns the flag's value as it was given.
func (s *Since) String() string { return s.text }

// Type is what the help calls the value.
func (s *Since) Type() string { return "period|date" }

// Set sets the flag's value.
func (s *Since) Set(text string) error {
	if date, err := time.ParseInLocation(time.DateOnly, text, time.Local); err == nil {
		*s = Since{date, text}
		return nil
	}
	period, err := parsePeriod(text)
	if err != nil || period < 0 {
		return errors.New("it must be a period such as 7d or 12h, or a date such as 2026-11-14")
	}
	*s = Since{time.Now().Add(-period), text}
	return nil
}

var days = regexp.MustCompile(`^(\d{1,5})d$`)

func parsePeriod(text string) (time.Duration, error) {
	if match := days.FindStringSubmatch(text); match != nil {
		n, err := strconv.Atoi(match[1])
		return time.Duration(n) * 24 * time.Hour, err
	}
	return time.ParseDuration(text)
}
