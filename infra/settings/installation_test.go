package settings

import "maps"

// installation are the settings of a system that there is only here.
type installation struct {
	Bucket string `setting:"bucket" validate:"required" want:"a name" help:"bucket"`
	Scheduled
	Network
	Common
}

var _ Settings = (*installation)(nil)

func (s *installation) Complete(found *Problems) {
	s.Scheduled.Complete(found)
	s.Network.Complete(found)
}

// readInstallation returns the settings of a context.
func readInstallation(context map[string]any) (*installation, error) {
	s := new(installation)
	return s, Read(s, context, func(string) string { return "" })
}

// enough is what every installation has to say.
func enough(more map[string]any) map[string]any {
	context := map[string]any{"bucket": "archive"}
	maps.Copy(context, more)
	return context
}
