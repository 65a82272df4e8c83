package console

// Format is how a command shows what it found out.
type Format string

// The formats.
const (
	TableFormat Format = "table"
	JSONFormat  Format = "json"
	CSVFormat   Format = "csv"
)
