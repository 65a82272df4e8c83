package console

import "strings"

// withoutFormulas returns records in which a spreadsheet finds no formula: an
// apostrophe precedes the cells that would be one
// (https://owasp.org/www-community/attacks/CSV_Injection). The name of an IAM user may
// begin with `=`, `+`, `-` or `@`.
func withoutFormulas(records [][]string) [][]string {
	safe := make([][]string, len(records))
	for i, record := range records {
		for _, cell := range record {
			if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
				cell = "'" + cell
			}
			safe[i] = append(safe[i], cell)
		}
	}
	return safe
}
