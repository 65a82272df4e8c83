// Package settings reads and checks what an operator decides about an
// installation. A struct of settings is their one table: its fields' tags give
// each setting's name, default, rules and explanation.
package settings

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
)

// read parses and validates the settings that a pointer to a struct holds. It
// returns what is wrong with them so far.
func read(settings any, context map[string]any, environment func(string) string) (*problems, error) {
	file, err := readFile(context)
	if err != nil {
		return nil, fmt.Errorf("setting %s: %w", FileSetting, err)
	}
	found := newProblems(fieldsOf(settings))
	found.addUnknown(context, func(name string) bool { return belongsToCDK(name) || isComment(name) })
	found.addUnknown(file, isComment)
	values := merge(file, context)
	for _, f := range found.fields {
		text, err := f.lookUp(values, environment)
		found.texts[f.name] = text
		if text = cmp.Or(text, f.fallback); err == nil && text != "" {
			err = f.parse(text)
		}
		if err != nil {
			found.add(f.name, "%w", err)
		}
	}
	found.validate(settings)
	return found, nil
}

// problems is what is wrong with settings.
type problems struct {
	fields []field
	// texts are the values that were given, by the setting.
	texts   map[string]string
	unknown []error
	// first is the first problem of each setting, by its name.
	first map[string]error
}

func newProblems(fields []field) *problems {
	return &problems{fields: fields, texts: map[string]string{}, first: map[string]error{}}
}

// given reports whether a value was given, right or wrong.
func (p *problems) given(name string) bool { return p.texts[name] != "" }

func (p *problems) field(name string) field {
	for _, f := range p.fields {
		if f.name == name {
			return f
		}
	}
	return field{}
}

// add notes what is wrong with a setting, unless something is already.
func (p *problems) add(name, format string, args ...any) {
	if p.first[name] == nil {
		p.first[name] = fmt.Errorf("setting "+name+": "+format, args...)
	}
}

// err returns all problems, those of known settings in their order; nil if there
// are none.
func (p *problems) err() error {
	all := p.unknown
	for _, f := range p.fields {
		all = append(all, p.first[f.name])
	}
	return errors.Join(all...)
}

// merge returns the values of both, of which the later ones take precedence.
func merge(file, context map[string]any) map[string]any {
	values := map[string]any{}
	maps.Copy(values, file)
	maps.Copy(values, context)
	return values
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
	case string:
		return strings.TrimSpace(v), nil
	case bool:
		return strconv.FormatBool(v), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
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
