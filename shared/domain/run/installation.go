package run

// Installation is where a run belongs to.
type Installation struct {
	// CloudFormationStack is also the name of the state machine.
	CloudFormationStack string
	// RunsBucket is the name of the runs bucket, which begins with the number of the account
	// and ends with the region.
	RunsBucket string
}
