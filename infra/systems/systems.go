// Package systems lists the systems that the CDK app can deploy.
package systems

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/digipres/sync-users/infra/construct"
	"github.com/digipres/sync-users/infra/fetchfiles"
	"github.com/digipres/sync-users/infra/sendfiles"
	"github.com/digipres/sync-users/infra/settings"
	"github.com/digipres/sync-users/infra/syncusers"
)

// all are the systems, by the setting that chooses one. Each is in a package
// of its own.
var all = map[string]func() construct.System{
	"fetch-files": func() construct.System { return new(fetchfiles.Settings) },
	"send-files":  func() construct.System { return new(sendfiles.Settings) },
	"sync-users":  func() construct.System { return new(syncusers.Settings) },
}

func names() []string { return slices.Sorted(maps.Keys(all)) }

// Choose returns the system that the context chooses, without its settings.
func Choose(context map[string]any) (construct.System, error) {
	name, err := settings.System(context, names())
	if err != nil {
		return nil, err
	}
	return all[name](), nil
}

// Read returns the installations that the context gives settings of: one, or as many
// as it names files.
func Read(context map[string]any, environment func(string) string) ([]construct.System, error) {
	var installations []construct.System
	var mistakes []error
	stackNames := map[string]bool{}
	for _, context := range settings.PerFile(context) {
		s, err := Choose(context)
		if err == nil {
			err = settings.Read(s, context, environment)
		}
		if err != nil {
			mistakes = append(mistakes, err)
			continue
		}
		if name := s.Base().StackName; stackNames[name] {
			mistakes = append(mistakes, fmt.Errorf("setting stackName: %q is that of two files: give each its own", name))
		} else {
			stackNames[name] = true
		}
		installations = append(installations, s)
	}
	return installations, errors.Join(mistakes...)
}

// Tables returns the settings of each system, as docs/settings.md shows them.
func Tables() string {
	var b strings.Builder
	for _, name := range names() {
		fmt.Fprintf(&b, "## %s\n\n%s\n", name, settings.Markdown(all[name]()))
	}
	return b.String()
}
