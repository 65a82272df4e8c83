package settings

import (
	"cmp"
	"fmt"
	"strings"
)

// SecretReferences returns the reference for each secret that the environment
// holds itself, by its variable: the one of the settings, or else the usual
// parameter.
func SecretReferences(settings Settings, context map[string]any, environment func(string) string) (map[string]string, error) {
	values, _, err := withFile(context)
	if err != nil {
		return nil, err
	}
	references := map[string]string{}
	for _, f := range fieldsOf(settings) {
		if secret := strings.TrimSpace(environment(f.env)); f.parameter == "" || secret == "" || isAnyReference(f, secret) {
			continue
		}
		reference, err := textOf(values[f.name])
		if err != nil {
			return nil, fmt.Errorf("setting %s: %w", f.name, err)
		}
		references[f.env] = cmp.Or(reference, ReferencePrefix+f.parameter)
	}
	return references, nil
}
