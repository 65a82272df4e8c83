package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
)

// fileSetting names a file that holds settings.
const fileSetting = "settings"

// ReadSettings makes the settings from the CDK's context (cdk.json and `-c`),
// the file that the context names, and the deploy's environment. Its error has
// a line for each thing that is wrong, all of them at once, and never a secret.
func ReadSettings(context map[string]any, environment func(string) string) (*Settings, error) {
	settings := &Settings{}
	table := settingsTable(settings)
	context, err := withFile(context)
	if err != nil {
		return nil, fmt.Errorf("setting %s: %w", fileSetting, err)
	}

	problems := unknown(context, table)
	given := map[string]bool{}
	for _, s := range table {
		value, err := s.given(context, environment)
		given[s.name] = err != nil || value != ""
		if value = cmp.Or(value, s.fallback); err == nil && value != "" {
			err = s.read(value)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("setting %s: %w", s.name, err))
		}
	}
	problems = append(problems, settings.complete(func(name string) bool { return given[name] })...)
	return settings, errors.Join(problems...)
}

// withFile adds the settings of the file that the context names, if any. What
// the context itself says comes before.
func withFile(context map[string]any) (map[string]any, error) {
	name, err := written(context[fileSetting])
	if err != nil || name == "" {
		return context, err
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("there is no file to read: %w", err)
	}
	var both map[string]any
	if err := json.Unmarshal(content, &both); err != nil {
		return nil, fmt.Errorf("%s is not an object in JSON: %w", name, err)
	}
	maps.Copy(both, context)
	return both, nil
}

// given is what was said of the setting; empty when nothing was.
func (s setting) given(context map[string]any, environment func(string) string) (string, error) {
	said, err := written(context[s.name])
	if err != nil || s.variable == "" {
		return said, err
	}
	exported := strings.TrimSpace(environment(s.variable))
	if said != "" && exported != "" && said != exported {
		return said, fmt.Errorf("it is given, and %s in the environment says otherwise: take one of them away", s.variable)
	}
	return cmp.Or(said, exported), nil
}

// written gives a context value as `-c` would write it: a list with commas, an
// object as name=value.
func written(value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return "", nil
	case string:
		return strings.TrimSpace(v), nil
	case bool:
		return strconv.FormatBool(v), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case []any:
		var parts []string
		for _, item := range v {
			part, err := written(item)
			if err != nil {
				return "", err
			}
			parts = append(parts, part)
		}
		return strings.Join(parts, ","), nil
	case map[string]any:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			part, err := written(v[name])
			if err != nil {
				return "", err
			}
			parts = append(parts, name+"="+part)
		}
		return strings.Join(parts, ","), nil
	}
	return "", fmt.Errorf("a %T is no setting", value)
}

// unknown finds what was meant as a setting and is none. The CDK keeps values
// of its own in the context, whose names hold a colon, a slash or a hyphen; a
// name that is all slashes is a comment.
func unknown(context map[string]any, table []setting) []error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(context)) {
		if strings.ContainsAny(name, ":/-") || slices.ContainsFunc(table, func(s setting) bool { return s.name == name }) {
			continue
		}
		meant := ""
		for _, s := range table {
			if strings.EqualFold(s.name, name) || strings.HasPrefix(s.name, name) || strings.HasPrefix(name, s.name) {
				meant = ": did you mean " + s.name + "?"
				break
			}
		}
		problems = append(problems, fmt.Errorf("setting %s: there is none of this name%s", name, meant))
	}
	return problems
}
