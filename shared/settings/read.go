package settings

import (
	"errors"
	"reflect"
	"strings"

	"github.com/caarlos0/env/v11"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/secret"
)

// Read reads settings from an environment, given as os.Environ gives it. What
// is missing or wrong is Misconfigured, with the names of the variables.
func Read[S any](environment []string) (S, error) {
	settings, err := env.ParseAsWithOptions[S](env.Options{
		Environment: env.ToMap(environment),
		FuncMap: map[reflect.Type]env.ParserFunc{
			reflect.TypeFor[secret.Text](): func(value string) (any, error) { return secret.New(value), nil },
		},
	})
	if err != nil {
		var none S
		return none, errkind.Errorf(errkind.Misconfigured, "%s", explain[S](err))
	}
	if s, ok := any(settings).(interface{ Validate() error }); ok {
		return settings, s.Validate()
	}
	return settings, nil
}

// explain says which variables are wrong and why. A parser knows a setting by
// its field only, so the variable is looked up.
func explain[S any](err error) string {
	var all env.AggregateError
	if !errors.As(err, &all) {
		return err.Error()
	}
	texts := make([]string, 0, len(all.Errors))
	for _, err := range all.Errors {
		text := err.Error()
		var wrong env.ParseError
		if errors.As(err, &wrong) {
			text = variable[S](wrong.Name) + ": " + wrong.Err.Error()
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "; ")
}

func variable[S any](field string) string {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[S]()) {
		if f.Name == field {
			name, _, _ := strings.Cut(f.Tag.Get("env"), ",")
			return name
		}
	}
	return field
}
