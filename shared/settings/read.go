package settings

import (
	"errors"
	"reflect"
	"strings"

	"github.com/caarlos0/env/v11"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/secret"
)

// Read reads settings from an environment in the form of os.Environ. It returns
// Misconfigured, with the names of the variables, if some are missing or wrong.
func Read[S any](environment []string) (S, error) {
	settings, err := env.ParseAsWithOptions[S](env.Options{
		Environment: env.ToMap(environment),
		FuncMap: map[reflect.Type]env.ParserFunc{
			reflect.TypeFor[secret.Text](): func(value string) (any, error) { return secret.New(value), nil },
		},
	})
	if err != nil {
		var none S
		return none, errkind.Errorf(errkind.Misconfigured, "%s", errorText[S](err))
	}
	if s, ok := any(settings).(interface{ Validate() error }); ok {
		return settings, s.Validate()
	}
	return settings, nil
}

// errorText returns which variables are missing or wrong, and why. The parser names
// the field of a wrong value instead of its variable.
func errorText[S any](err error) string {
	var all env.AggregateError
	if !errors.As(err, &all) {
		return err.Error()
	}
	texts := make([]string, 0, len(all.Errors))
	for _, err := range all.Errors {
		text := err.Error()
		var parseError env.ParseError
		if errors.As(err, &parseError) {
			field, _ := reflect.TypeFor[S]().FieldByName(parseError.Name)
			name, _, _ := strings.Cut(field.Tag.Get("env"), ",")
			text = name + ": " + parseError.Err.Error()
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "; ")
}
