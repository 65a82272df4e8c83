package settings

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	_ "time/tzdata" // so that the name of a time zone is known on any machine

	"github.com/go-playground/validator/v10"
)

// ReferencePrefix begins a value that is in Parameter Store.
const ReferencePrefix = "ssm:"

var parameterName = regexp.MustCompile(`^(/[A-Za-z0-9_.-]+)+$`)

// patterns are the rules that a regular expression checks, by their tags.
var patterns = map[string]*regexp.Regexp{
	"managed_bucket": regexp.MustCompile(`^[a-z][a-z0-9]+-[a-z][a-z0-9]+-managed$`),
	"stack_name":     regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`),
	"aws_id":         regexp.MustCompile(`^[a-z]+-([0-9a-f]{8}|[0-9a-f]{17})$`),
	"kms_key_arn": regexp.MustCompile(
		`^arn:aws[a-z-]*:kms:[a-z]{2,}(-[a-z]+)+-\d:\d{12}:key/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$`),
	// A file system that ignores case would know others.
	"timezone_name": regexp.MustCompile(`^[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*)*$`),
}

// rules are the checks that need words of their own, by their tags.
var rules = map[string]func(f field, value string) error{
	"schedule":         checkSchedule,
	"web_address":      checkWebAddress,
	"username":         checkUsername,
	"secret_reference": checkSecretReference,
	"parameter_prefix": checkParameterPrefix,
}

var validate = newValidator()

func newValidator() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string { return f.Tag.Get("setting") })
	for tag, pattern := range patterns {
		register(v, tag, pattern.MatchString)
	}
	for tag, rule := range rules {
		register(v, tag, func(value string) bool { return rule(field{}, value) == nil })
	}
	return v
}

func register(v *validator.Validate, tag string, isValid func(value string) bool) {
	if err := v.RegisterValidation(tag, func(level validator.FieldLevel) bool { return isValid(level.Field().String()) }); err != nil {
		panic(err)
	}
}

// validate notes every rule that the settings break.
func (p *problems) validate(settings any) {
	var broken validator.ValidationErrors
	if !errors.As(validate.Struct(settings), &broken) {
		return
	}
	for _, rule := range broken {
		name, _, _ := strings.Cut(rule.Field(), "[") // of an item of a list
		p.add(name, "%w", p.field(name).explain(rule))
	}
}

// explain returns the words for a rule that the setting breaks.
func (f field) explain(broken validator.FieldError) error {
	value := fmt.Sprint(broken.Value())
	switch rule, ok := rules[broken.Tag()]; {
	case ok:
		return rule(f, value)
	case broken.Tag() == "required" && f.env != "":
		return fmt.Errorf("it is missing: give %s, here or as %s in the environment", f.want, f.env)
	case broken.Tag() == "required":
		return fmt.Errorf("it is missing: give %s", f.want)
	case broken.Kind() == reflect.Slice:
		return fmt.Errorf("these are %d, and Lambda takes %s at most", f.value.Len(), broken.Param())
	}
	return fmt.Errorf("%q is not %s", value, f.wanted())
}

// checkWebAddress returns an error unless the value is a URL behind which a path
// can be put. Its errors don't repeat the value, in which a password may be.
// shared/sftpgo has the same rule for a program that runs without a deploy; infra
// imports nothing from there, so that the CDK and the Lambdas stay apart.
func checkWebAddress(f field, value string) error {
	address, err := url.Parse(value)
	switch {
	case err != nil || address.Hostname() == "" || address.Scheme != "https" && address.Scheme != "http":
		return fmt.Errorf("this is not %s", f.want)
	case address.User != nil:
		return errors.New("a URL with a password in it would end in the template: leave the part before @ out")
	case address.RawQuery != "" || address.ForceQuery || address.Fragment != "":
		return errors.New("nothing can be put behind a query or fragment: leave the part from ? or # on out")
	}
	if port, err := strconv.ParseUint(address.Port(), 10, 16); address.Port() != "" && (err != nil || port == 0) {
		return errors.New("the port is not a number from 1 to 65535")
	}
	return nil
}

// checkUsername returns an error if the value looks like a reference and is none.
func checkUsername(f field, value string) error {
	if name, ok := strings.CutPrefix(value, ReferencePrefix); ok && !parameterName.MatchString(name) {
		return fmt.Errorf("%q is not %s", value, f.want)
	}
	return nil
}

// checkSecretReference returns an error unless the value is the name of a
// parameter. It doesn't repeat the value, which may be the secret itself; it says
// where to put it.
func checkSecretReference(f field, value string) error {
	name, ok := strings.CutPrefix(value, ReferencePrefix)
	if !ok {
		return fmt.Errorf("this is the secret itself, which anybody who may read the CloudFormation stack would see: "+
			"keep it in Parameter Store with `%[1]s=… make keep-secret`, then deploy with %[1]s=%[2]s%[3]s", f.env, ReferencePrefix, f.parameter)
	}
	if !parameterName.MatchString(name) {
		return fmt.Errorf("this is not a reference like %s%s", ReferencePrefix, f.parameter)
	}
	return nil
}

// checkParameterPrefix returns an error unless the names of parameters can begin
// with the value
// (https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html).
func checkParameterPrefix(f field, value string) error {
	name, ok := strings.CutSuffix(value, "/")
	if !ok || !parameterName.MatchString(name) {
		return fmt.Errorf("%q is not %s", value, f.want)
	}
	if lower := strings.ToLower(name); strings.HasPrefix(lower, "/aws") || strings.HasPrefix(lower, "/ssm") {
		return fmt.Errorf("%q begins with aws or ssm, which AWS reserves", value)
	}
	return nil
}
