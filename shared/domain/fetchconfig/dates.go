package fetchconfig

import (
	"regexp"
	"strings"
	"time"
)

// datePlaceholders are those of a folder, with the layout of what takes their place.
var datePlaceholders = map[string]string{"%year%": "2006", "%month%": "01", "%day%": "02"}

var anyPlaceholder = regexp.MustCompile(`%[A-Za-z]+%`)

// ExpandDates replaces %year%, %month% and %day% in a path by a time's date in UTC, as in
// 2026, 03 and 09. Any other text stays, percent signs included.
func ExpandDates(path string, at time.Time) string {
	at = at.UTC()
	for placeholder, layout := range datePlaceholders {
		path = strings.ReplaceAll(path, placeholder, at.Format(layout))
	}
	return path
}

// HasDates reports whether a path changes from day to day.
func HasDates(path string) bool {
	for placeholder := range datePlaceholders {
		if strings.Contains(path, placeholder) {
			return true
		}
	}
	return false
}
