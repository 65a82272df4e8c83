package fetchconfig

import (
	"fmt"
	"slices"
	"strings"
)

// Mistake is what is wrong at one place of a file, and what to do about it.
type Mistake struct {
	// Place is like SyncSettings[2].RemoteFolders.Folder, the first of a list being 0; ""
	// for the whole file.
	Place, Text string
}

// String returns one line.
func (m Mistake) String() string {
	if m.Place == "" {
		return m.Text
	}
	return m.Place + ": " + m.Text
}

// Mistakes are all that are in a file, in the order of the places in it.
type Mistakes []Mistake

// Error returns a line for each mistake.
func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, mistake := range m {
		lines[i] = mistake.String()
	}
	return strings.Join(lines, "\n")
}

func (m *Mistakes) add(place, format string, args ...any) {
	*m = append(*m, Mistake{place, fmt.Sprintf(format, args...)})
}

// at reports whether something is wrong at a place.
func (m *Mistakes) at(place string) bool {
	return slices.ContainsFunc(*m, func(mistake Mistake) bool { return mistake.Place == place })
}

// didYouMean returns a question about the most similar of some names; "" if none is.
func didYouMean(name string, known []string) string {
	slices.Sort(known)
	best, similar := len(name)/3+1, ""
	for _, k := range known {
		if d := distance(strings.ToLower(name), strings.ToLower(k)); d <= best && (similar == "" || d < best) {
			best, similar = d, k
		}
	}
	if similar == "" {
		return ""
	}
	return "; did you mean " + similar + "?"
}

// distance returns how many characters have to be replaced, added or left out to make one
// text of the other (https://en.wikipedia.org/wiki/Levenshtein_distance).
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for i := range row {
		row[i] = i
	}
	for i, r := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, s := range to {
			replaced := diagonal
			if r != s {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}
