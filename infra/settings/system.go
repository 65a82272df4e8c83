package settings

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

const (
	// SystemSetting names the system that is deployed.
	SystemSetting = "system"
	defaultSystem = "sync-users"
)

// System returns the name of the system that the context, or the file that it names,
// chooses: one of the known ones.
func System(context map[string]any, known []string) (string, error) {
	values, _, err := withFile(context)
	if err != nil {
		return "", err
	}
	name, err := textOf(values[SystemSetting])
	name = cmp.Or(name, defaultSystem)
	if err == nil && !slices.Contains(known, name) {
		err = fmt.Errorf("%q is not one of %s", name, strings.Join(known, ", "))
	}
	if err != nil {
		return "", fmt.Errorf("setting %s: %w", SystemSetting, err)
	}
	return name, nil
}

// PerFile returns a context for each of the files that the context names, separated
// by commas: each is one installation. Without any it returns the context itself.
func PerFile(context map[string]any) []map[string]any {
	files, ok := context[FileSetting].(string)
	if !ok {
		return []map[string]any{context}
	}
	var contexts []map[string]any
	for file := range strings.SplitSeq(files, ",") {
		one := maps.Clone(context)
		one[FileSetting] = file
		contexts = append(contexts, one)
	}
	return contexts
}
