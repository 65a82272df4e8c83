package console

import (
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

const (
	columnGap = 2
	// minLastWidth and minWidth are the least widths to which the last column and
	// then the others are shrunk.
	minLastWidth, minWidth = 24, 12
)

// columns returns columns as wide as their longest text, shrunk if they are
// wider than the screen.
func columns(rows []table.Row, screenWidth int) []table.ColumnConfig {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], text.StringWidthWithoutEscSequences(cell.(string)))
		}
	}
	if screenWidth > 0 {
		shrink(widths, screenWidth-columnGap*len(widths))
	}
	configs := make([]table.ColumnConfig, len(widths))
	for i, w := range widths {
		configs[i] = table.ColumnConfig{Number: i + 1, WidthMax: w, WidthMaxEnforcer: text.WrapSoft}
	}
	return configs
}

// shrink makes columns narrower until all of them have room, if they can: first
// the last one, which has the sentences, then the widest.
func shrink(widths []int, room int) {
	last := len(widths) - 1
	excess := -room
	for _, w := range widths {
		excess += w
	}
	for ; excess > 0 && widths[last] > minLastWidth; excess-- {
		widths[last]--
	}
	for ; excess > 0; excess-- {
		widest := slices.Index(widths, slices.Max(widths))
		if widths[widest] <= minWidth {
			return
		}
		widths[widest]--
	}
}
