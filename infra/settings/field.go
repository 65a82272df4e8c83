package settings

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// field is one setting: a field of a struct of settings, by its tags.
type field struct {
	// name is the setting's (tag setting); env is a variable of the deploy's
	// environment that may hold the value as well.
	name, env string
	// fallback is the value if none is given (tag default); usual describes it
	// where it follows from other settings.
	fallback, usual string
	// parameter is where in Parameter Store `make keep-secret` puts the secret.
	parameter string
	// validate are the rules, as go-playground/validator reads them; want completes
	// "… is not …" in the error about a value that breaks one.
	validate, want string
	// help says what the setting decides. '…' surrounds code, because a tag can hold
	// no backtick.
	help  string
	value reflect.Value
}

// withDefaults are settings with other defaults, by name, than the structs that they embed.
type withDefaults interface{ Defaults() map[string]string }

// fieldsOf returns the settings that a pointer to a struct holds, in their order.
func fieldsOf(settings any) []field {
	var fields []field
	var defaults map[string]string
	if s, ok := settings.(withDefaults); ok {
		defaults = s.Defaults()
	}
	value := reflect.ValueOf(settings).Elem()
	for _, f := range reflect.VisibleFields(value.Type()) {
		tag := f.Tag
		if name := tag.Get("setting"); name != "" {
			fields = append(fields, field{
				name: name, env: tag.Get("env"), fallback: cmp.Or(defaults[name], tag.Get("default")), usual: tag.Get("usual"), parameter: tag.Get("parameter"),
				validate: tag.Get("validate"), want: tag.Get("want"), help: tag.Get("help"), value: value.FieldByIndex(f.Index),
			})
		}
	}
	return fields
}

// wanted says what a right value is.
func (f field) wanted() string {
	if bounds := regexp.MustCompile(`min=(\d+),max=(\d+)`).FindStringSubmatch(f.validate); bounds != nil {
		return fmt.Sprintf("a whole number from %s to %s", bounds[1], bounds[2])
	}
	if _, choices, ok := strings.Cut(f.validate, "oneof="); ok {
		return "one of " + strings.ReplaceAll(choices, " ", ", ")
	}
	return f.want
}

// parse puts a value into the struct.
func (f field) parse(text string) error {
	switch f.value.Kind() {
	case reflect.Bool:
		if text != "true" && text != "false" {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		f.value.SetBool(text == "true")
	case reflect.Int:
		number, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("%q is not %s", text, f.wanted())
		}
		f.value.SetInt(int64(number))
	case reflect.Slice:
		items, err := parseList(text)
		if err != nil {
			return err
		}
		f.value.Set(reflect.ValueOf(items))
	default:
		f.value.SetString(text)
	}
	return nil
}

// parseList returns the items between the commas, each of which may be there once,
// in whatever case.
func parseList(text string) ([]string, error) {
	var items []string
	seen := map[string]bool{}
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		folded := strings.ToLower(item)
		if seen[folded] {
			return nil, fmt.Errorf("duplicate %q: give it once", item)
		}
		seen[folded] = true
		items = append(items, item)
	}
	if items == nil {
		return nil, errors.New("there is nothing between its commas: give something, or leave it out")
	}
	return items, nil
}
