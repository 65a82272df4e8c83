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

// secretPrefix begins a value that is in Secrets Manager.
const secretPrefix = "secretsmanager:"

// secretID is a name or an ARN, and a field after #
// (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html).
var secretID = regexp.MustCompile(`^[A-Za-z0-9/_+=.@:-]+(#[^#]+)?$`)

var keyObject = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]:[^\s]+$`)

var parameterName = regexp.MustCompile(`^(/[A-Za-z0-9_.-]+)+$`)

// rules are the checks besides validator's own, by their tags.
var rules = map[string]func(value string) bool{
	"managed_bucket": regexp.MustCompile(`^[a-z][a-z0-9]+-[a-z][a-z0-9]+-managed$`).MatchString,
	"stack_name":     regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`).MatchString,
	"schedule":       schedulePattern.MatchString,
	// A day has 1,440 minutes.
	"minutes_or_none": regexp.MustCompile(`^(none|true|[1-9]\d{0,2}|1[0-3]\d\d|14[0-3]\d|1440)$`).MatchString,
	"transfer_server": regexp.MustCompile(`^s-[0-9a-f]{17}$`).MatchString,
	// https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html
	"tag_key": regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$`).MatchString,
	// Paths and names may end in an asterisk, for all that begin so.
	"role_arn": regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+\*?$`).MatchString,
	"aws_id":   regexp.MustCompile(`^[a-z]+-([0-9a-f]{8}|[0-9a-f]{17})$`).MatchString,
	"kms_key_arn": regexp.MustCompile(
		`^arn:aws[a-z-]*:kms:[a-z]{2,}(-[a-z]+)+-\d:\d{12}:key/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$`).MatchString,
	// A file system that ignores case would know other names.
	"timezone_name": regexp.MustCompile(`^[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*)*$`).MatchString,
	"web_address":   func(value string) bool { return checkWebAddress(field{}, value) == nil },
	"reference":     isReference,
	"bucket":        regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`).MatchString,
	// A rule's pattern is compared with the key as it is.
	"object_prefix":    func(value string) bool { return !strings.HasPrefix(value, "/") && !strings.ContainsAny(value, "*?") },
	"after":            regexp.MustCompile(`^(delete|keep|tag|archive:[^/*?].*/)$`).MatchString,
	"secret_reference": isSecretReference,
	"secret_name":      regexp.MustCompile(`^(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:)?[A-Za-z0-9/_+=.@-]+$`).MatchString,
	"key_object":       keyObject.MatchString,
	"username":         func(value string) bool { return !strings.HasPrefix(value, ReferencePrefix) || isReference(value) },
	// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
	"parameter_prefix": func(value string) bool {
		name, ok := strings.CutSuffix(strings.ToLower(value), "/")
		return ok && parameterName.MatchString(name) && !strings.HasPrefix(name, "/aws") && !strings.HasPrefix(name, "/ssm")
	},
}

func isReference(value string) bool {
	name, ok := strings.CutPrefix(value, ReferencePrefix)
	return ok && parameterName.MatchString(name)
}

// isSecretReference reports whether a value refers to Parameter Store or Secrets Manager.
func isSecretReference(value string) bool {
	id, ok := strings.CutPrefix(value, secretPrefix)
	return isReference(value) || ok && secretID.MatchString(id)
}

// isAnyReference reports whether the value of a setting is no secret itself.
func isAnyReference(f field, value string) bool {
	return strings.HasPrefix(value, ReferencePrefix) || strings.HasPrefix(value, secretPrefix) ||
		strings.Contains(f.validate, "key_object") && keyObject.MatchString(value)
}

var validate = newValidator()

func newValidator() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string { return f.Tag.Get("setting") })
	for tag, isValid := range rules {
		err := v.RegisterValidation(tag, func(level validator.FieldLevel) bool { return isValid(level.Field().String()) })
		if err != nil {
			panic(err)
		}
	}
	return v
}

// validate notes every rule that the settings break.
func (p *Problems) validate(settings any) {
	var broken validator.ValidationErrors
	errors.As(validate.Struct(settings), &broken)
	for _, rule := range broken {
		name, _, _ := strings.Cut(rule.Field(), "[") // of an item of a list
		p.Add(name, "%w", p.field(name).explain(rule))
	}
}

// explain returns the words for a rule that the setting breaks. They don't repeat
// what may be or hold a secret.
func (f field) explain(broken validator.FieldError) error {
	value, _ := broken.Value().(string)
	switch {
	case strings.HasPrefix(broken.Tag(), "required") && f.env != "":
		return fmt.Errorf("it is missing: give %s, here or as %s in the environment", f.want, f.env)
	case strings.HasPrefix(broken.Tag(), "required"):
		return fmt.Errorf("it is missing: give %s", f.want)
	case broken.Tag() == "web_address":
		return checkWebAddress(f, value)
	case strings.HasPrefix(broken.Tag(), "secret_reference") && (strings.HasPrefix(value, ReferencePrefix) || strings.HasPrefix(value, secretPrefix)):
		return fmt.Errorf("this is not a reference like %s%s or %spartner/sftp", ReferencePrefix, f.parameter, secretPrefix)
	case strings.HasPrefix(broken.Tag(), "secret_reference"), broken.Tag() == "reference" && !strings.HasPrefix(value, ReferencePrefix):
		return fmt.Errorf("this is the secret itself, which anybody who may read the CloudFormation stack would see: "+
			"keep it in Parameter Store with `%[1]s=… make keep-secret`, then deploy with %[1]s=%[2]s%[3]s", f.env, ReferencePrefix, f.parameter)
	case broken.Tag() == "reference":
		return fmt.Errorf("this is not a reference like %s%s", ReferencePrefix, f.parameter)
	case broken.Kind() == reflect.Slice:
		return fmt.Errorf("these are %d, and Lambda takes %s at most", f.value.Len(), broken.Param())
	}
	return fmt.Errorf("%q is not %s", fmt.Sprint(broken.Value()), f.wanted())
}

// checkWebAddress returns an error unless the value is a URL behind which a path
// can be put. shared/sftpgo has the same rule for a program that runs without a
// deploy; infra imports nothing from there, so that the CDK and the Lambdas stay
// apart.
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
