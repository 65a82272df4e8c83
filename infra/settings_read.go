package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// ReadSettings makes the settings from the CDK's context (cdk.json and `-c`),
// the file that the context names, and the deploy's environment. Its error has
// a line for each thing that is wrong, all of them at once, and never a secret.
func ReadSettings(context map[string]any, environment func(string) string) (*Settings, error) {
	settings := &Settings{}
	table := settingsTable(settings)
	file, err := readFile(context)
	if err != nil {
		return nil, fmt.Errorf("setting %s: %w", fileSetting, err)
	}
	problems := slices.Concat(
		unknown(context, table, func(name string) bool { return ofTheCDK(name) || isComment(name) }),
		unknown(file, table, isComment),
	)
	said := withFile(context, file)
	answers := map[string]answer{}
	for _, s := range table {
		value, err := s.find(said, environment)
		if value != "" {
			answers[s.name] = givenRight
		}
		if value = cmp.Or(value, s.fallback); err == nil && value != "" {
			err = s.read(value)
		}
		if err != nil {
			answers[s.name] = givenWrong
			problems = append(problems, fmt.Errorf("setting %s: %w", s.name, err))
		}
	}
	problems = slices.Concat(problems, settings.complete(answers), settings.elsewhere(environment))
	return settings, errors.Join(problems...)
}

// answer is what became of one setting.
type answer int

const (
	notGiven answer = iota
	givenWrong
	givenRight
)

// find is what was said of the setting; empty when nothing was.
func (s setting) find(said map[string]any, environment func(string) string) (string, error) {
	value, err := written(said[s.name])
	if err != nil || s.variable == "" {
		return value, err
	}
	exported := strings.TrimSpace(environment(s.variable))
	if value != "" && exported != "" && value != exported {
		return value, fmt.Errorf("it is given, and %s in the environment says otherwise: take one of them away", s.variable)
	}
	return cmp.Or(value, exported), nil
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
			if strings.Contains(name+part, ",") {
				return "", fmt.Errorf("%q has a comma in it, which ends a name or value", name+"="+part)
			}
			parts = append(parts, name+"="+part)
		}
		return strings.Join(parts, ","), nil
	}
	return "", fmt.Errorf("a %T is no setting", value)
}
