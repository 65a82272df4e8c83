package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ReadSettings makes the settings from the CDK's context (cdk.json and `-c`)
// and the deploy's environment. Its error has a line for each thing that is
// wrong, all of them at once, and never a secret.
func ReadSettings(context map[string]any, environment func(string) string) (*Settings, error) {
	settings := &Settings{}
	table := settingsTable(settings)
	problems := unknown(context, table)
	for _, s := range table {
		value, err := s.value(context, environment)
		if err == nil && value != "" {
			err = s.read(value)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("setting %s: %w", s.name, err))
		}
	}
	if len(problems) == 0 {
		problems = settings.complete()
	}
	return settings, errors.Join(problems...)
}

// value is what was said of the setting, or else its fallback.
func (s setting) value(context map[string]any, environment func(string) string) (string, error) {
	said, err := written(context[s.name])
	if err != nil {
		return "", err
	}
	var exported string
	if s.variable != "" {
		exported = strings.TrimSpace(environment(s.variable))
	}
	if said != "" && exported != "" && said != exported {
		return "", fmt.Errorf("it is given in the context and differently as %s in the environment: take one of them away", s.variable)
	}
	return cmp.Or(said, exported, s.fallback), nil
}

// written gives a context value as `-c` would write it: JSON's lists with commas.
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
	}
	return "", errors.New("want a text, a number, true or false, or a list of texts")
}

// unknown finds what was meant as a setting and is none. The CDK keeps values
// of its own in the context, whose names hold a colon, a slash or a hyphen.
func unknown(context map[string]any, table []setting) []error {
	var problems []error
	for name := range context {
		if strings.ContainsAny(name, ":/-") || slices.ContainsFunc(table, func(s setting) bool { return s.name == name }) {
			continue
		}
		problems = append(problems, fmt.Errorf("setting %s: there is none of this name", name))
	}
	slices.SortFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return problems
}

// complete checks what concerns more than one setting, and fills in what
// follows from others.
func (s *Settings) complete() []error {
	var problems []error
	if s.ManagedBucket == "" {
		problems = append(problems, errors.New("setting managedBucket: it is missing: give the bucket to which TRIGGER is uploaded, like digipres-dev1-managed"))
	}
	if s.SFTPGo.Host == "" {
		problems = append(problems, errors.New("setting sftpgoHost: it is missing: give it, or SFTPGO_HOST in the environment"))
	}
	switch {
	case s.SFTPGo.APIKey == "" && s.SFTPGo.Username == "":
		problems = append(problems, errors.New("setting sftpgoUsername: it is missing: give it, or SFTPGO_USERNAME in the environment, or sftpgoApiKey instead"))
	case s.SFTPGo.APIKey == "" && s.SFTPGo.Password == "":
		s.SFTPGo.Password = "ssm:/sftpgo/password"
	case s.SFTPGo.APIKey != "" && s.SFTPGo.Username+s.SFTPGo.Password != "":
		problems = append(problems, errors.New("setting sftpgoApiKey: it is given together with a username or password: take one of the two away"))
	}
	return problems
}
