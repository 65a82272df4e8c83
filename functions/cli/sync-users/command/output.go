package command

import (
	_ "embed"
	"strings"

	"github.com/spf13/cobra"
)

//go:embed output.txt
var outputHelp string

func newOutputTopic() *cobra.Command {
	return &cobra.Command{Use: "output", Short: "What --output json and csv print", Long: strings.TrimSpace(outputHelp)}
}
