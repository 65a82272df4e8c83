// Package settings reads and checks what an operator decides about an
// installation. A struct of settings is their one table: its fields' tags give
// each setting's name, default, rules and explanation.
package settings

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"strings"
)

// Problems is what is wrong with settings.
type Problems struct {
	fields []field
	// texts are the values that were given, by the setting.
	texts   map[string]string
	unknown []error
	// first is the first problem of each setting.
	first map[string]error
}

// Read reads settings from the CDK's context (cdk.json and `-c`), the file that the
// context names, and the deploy's environment. Its error has a line for each mistake,
// all of them at once, and never a secret.
func Read(settings Settings, context map[string]any, environment func(string) string) error {
	values, file, err := withFile(context)
	if err != nil {
		return err
	}
	found := &Problems{fields: fieldsOf(settings), texts: map[string]string{}, first: map[string]error{}}
	found.addUnknown(context, func(name string) bool { return belongsToCDK(name) || isComment(name) })
	found.addUnknown(file, isComment)
	for _, f := range found.fields {
		text, err := f.lookUp(values, environment)
		found.texts[f.name] = text
		if text = cmp.Or(text, f.fallback); err == nil && text != "" {
			err = f.parse(text)
		}
		if err != nil {
			found.Add(f.name, "%w", err)
		}
	}
	found.validate(settings)
	settings.Complete(found)
	common := settings.Base()
	common.StackName = cmp.Or(common.StackName, common.System)
	common.checkRegion(found, environment)
	return found.err()
}

// Given reports whether a value was given, right or wrong.
func (p *Problems) Given(name string) bool { return p.texts[name] != "" }

// Wrong reports whether something is wrong with a setting.
func (p *Problems) Wrong(name string) bool { return p.first[name] != nil }

// Refuse notes that settings are given that have no place here, and why.
func (p *Problems) Refuse(why string, names ...string) {
	for _, name := range names {
		if !p.Given(name) {
			continue
		}
		where := ""
		if env := p.field(name).env; env != "" {
			where = ", here or as " + env + " in the environment"
		}
		p.Add(name, "it is given%s, but %s: take it away", where, why)
	}
}

// Parameter returns where in Parameter Store the secret of a setting usually is.
func (p *Problems) Parameter(name string) string { return p.field(name).parameter }

// field returns the setting of a name; the zero value if there is none.
func (p *Problems) field(name string) (found field) {
	for _, f := range p.fields {
		if f.name == name {
			found = f
		}
	}
	return found
}

// Add notes what is wrong with a setting, unless something is already.
func (p *Problems) Add(name, format string, args ...any) {
	if p.first[name] == nil {
		p.first[name] = fmt.Errorf("setting "+name+": "+format, args...)
	}
}

// err returns all Problems, those of known settings in their order; nil if there
// are none.
func (p *Problems) err() error {
	all := p.unknown
	for _, f := range p.fields {
		all = append(all, p.first[f.name])
	}
	return errors.Join(all...)
}

// withFile returns the context together with the file that it names, over which it
// takes precedence, and the file alone.
func withFile(context map[string]any) (values, file map[string]any, err error) {
	if file, err = readFile(context); err != nil {
		return nil, nil, fmt.Errorf("setting %s: %w", FileSetting, err)
	}
	values = map[string]any{}
	maps.Copy(values, file)
	maps.Copy(values, context)
	return values, file, nil
}

// lookUp returns the value that was given for the setting; empty if none was.
func (f field) lookUp(values map[string]any, environment func(string) string) (string, error) {
	text, err := textOf(values[f.name])
	if err != nil || f.env == "" {
		return text, err
	}
	exported := strings.TrimSpace(environment(f.env))
	if text != "" && exported != "" && text != exported {
		return text, fmt.Errorf("it is given, and %s in the environment says otherwise: take one of them away", f.env)
	}
	return cmp.Or(text, exported), nil
}

// textOf returns a value of the context as `-c` would give it: a list with commas.
func textOf(value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return "", nil
	case string, bool, float64:
		return strings.TrimSpace(fmt.Sprint(v)), nil
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			var err error
			if items[i], err = textOf(item); err != nil {
				return "", err
			}
		}
		return strings.Join(items, ","), nil
	}
	return "", fmt.Errorf("a %T is not the value of a setting", value)
}
