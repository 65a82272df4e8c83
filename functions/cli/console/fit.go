package console

import (
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

const (
	// gap is the space between columns.
	gap = 2
	// narrow and narrowest are how far the last column, and then the others,
	// are made narrower.
	narrow, narrowest = 24, 12
)

// fit gives the columns' widths: as wide as their longest text. Where that is
// wider than the screen, the last column, which has the sentences, is wrapped,
// and only if that is not enough, the widest of all.
func fit(rows [][]string, width int) []table.ColumnConfig {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], text.StringWidthWithoutEscSequences(cell))
		}
	}
	if width > 0 && len(widths) > 0 {
		shrink(widths, width-gap*len(widths))
	}
	configs := make([]table.ColumnConfig, len(widths))
	for i, w := range widths {
		configs[i] = table.ColumnConfig{Number: i + 1, WidthMax: w, WidthMaxEnforcer: text.WrapSoft}
	}
	return configs
}

// shrink makes columns narrower until all of them fit, if they can.
func shrink(widths []int, room int) {
	last := len(widths) - 1
	over := -room
	for _, w := range widths {
		over += w
	}
	for ; over > 0 && widths[last] > narrow; over-- {
		widths[last]--
	}
	for ; over > 0; over-- {
		widest := slices.Index(widths, slices.Max(widths))
		if widths[widest] <= narrowest {
			return
		}
		widths[widest]--
	}
}
