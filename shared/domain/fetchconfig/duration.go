package fetchconfig

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Duration is a length of time, in files a whole number with a unit: 90s, 15m, 12h, 30d, 2w.
type Duration time.Duration

// D returns it as the standard library has it.
func (d Duration) D() time.Duration { return time.Duration(d) }

var durationPattern = regexp.MustCompile(`^(\d{1,6})\s*([smhdw])$`)

var units = map[string]time.Duration{
	"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour,
}

// MarshalText returns the duration in the largest unit of which it is a whole number.
func (d Duration) MarshalText() ([]byte, error) {
	for _, name := range []string{"w", "d", "h", "m"} {
		if unit := Duration(units[name]); d != 0 && d%unit == 0 {
			return fmt.Appendf(nil, "%d%s", d/unit, name), nil
		}
	}
	return fmt.Appendf(nil, "%ds", d/Duration(time.Second)), nil
}

// UnmarshalText reads what MarshalText returns.
func (d *Duration) UnmarshalText(text []byte) error {
	parts := durationPattern.FindStringSubmatch(string(text))
	if parts == nil {
		return fmt.Errorf("%q is not a time like 90s, 15m, 12h or 30d", text)
	}
	number, err := strconv.Atoi(parts[1])
	*d = Duration(time.Duration(number) * units[parts[2]])
	return err
}
