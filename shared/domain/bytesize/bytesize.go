// Package bytesize writes numbers of bytes for people.
package bytesize

import "fmt"

// Format returns a number of bytes with three or four digits and a binary unit (IEC
// 80000-13), such as `512 B`, `1.5 KiB` or `1000 MiB`.
func Format(n int64) string {
	const units = "KMGTPE"
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	value, unit := float64(n)/1024, 0
	// The next unit begins where this one would be shown as 1024.
	for ; value >= 1023.5 && unit < len(units)-1; unit++ {
		value /= 1024
	}
	digits := 1
	if value >= 99.95 {
		digits = 0
	}
	return fmt.Sprintf("%.*f %ciB", digits, value, units[unit])
}
