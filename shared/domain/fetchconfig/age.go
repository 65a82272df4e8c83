package fetchconfig

import (
	"fmt"
	"regexp"
	"strconv"
)

// Hours are an age in whole hours, in files with a unit: 12h, 30d, 2w.
type Hours int

var hoursPattern = regexp.MustCompile(`^([1-9]\d{0,5})\s*([hdw])$`)

var hoursOf = map[string]int{"h": 1, "d": 24, "w": 7 * 24}

// MarshalText returns the age in the largest unit of which it is a whole number.
func (h Hours) MarshalText() ([]byte, error) {
	for _, unit := range []string{"w", "d"} {
		if hours := Hours(hoursOf[unit]); h != 0 && h%hours == 0 {
			return fmt.Appendf(nil, "%d%s", h/hours, unit), nil
		}
	}
	return fmt.Appendf(nil, "%dh", h), nil
}

// UnmarshalText reads what MarshalText returns.
func (h *Hours) UnmarshalText(text []byte) error {
	parts := hoursPattern.FindStringSubmatch(string(text))
	if parts == nil {
		return fmt.Errorf("%q is not an age like 12h, 30d or 2w", text)
	}
	number, err := strconv.Atoi(parts[1])
	*h = Hours(number * hoursOf[parts[2]])
	return err
}
