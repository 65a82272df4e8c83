package settings

// FetchFiles are the settings of the functions of fetch-files that ask the connector.
type FetchFiles struct {
	RunsBucket string `env:"RUNS_BUCKET,notEmpty"`
	// ConnectorID is the connector's, such as c-0123456789abcdef0.
	ConnectorID string `env:"CONNECTOR_ID,notEmpty"`
}

// PlanFetch are the settings of the function plan-fetch.
type PlanFetch struct {
	FetchFiles
	// SyncsPath is where the syncs are in Parameter Store.
	SyncsPath string `env:"SYNCS_PATH,notEmpty"`
}
