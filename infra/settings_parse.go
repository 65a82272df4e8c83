package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	// referencePrefix begins a value that stands in Parameter Store.
	referencePrefix = "ssm:"
	// passwordParameter is where the administrator's password is expected.
	passwordParameter = "/sftpgo/password"
	// longestStackName leaves room in a bucket's name, of 63 at most, for the
	// account, the region and what the bucket is for.
	longestStackName = 30
)

var (
	parameterName = regexp.MustCompile(`^(/[A-Za-z0-9_.-]+)+$`)
	// reserved is what nobody can begin a parameter's name with
	// (https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html).
	reserved = regexp.MustCompile(`(?i)^/(aws|ssm)`)
)

// retentions are the days that CloudWatch Logs knows
// (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html).
var retentions = []int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

func matching(to *string, pattern string, longest int, want string) func(string) error {
	expression := regexp.MustCompile(pattern)
	return func(value string) error {
		if len(value) > longest || !expression.MatchString(value) {
			return fmt.Errorf("%q is not %s", value, want)
		}
		*to = value
		return nil
	}
}

func boolean(to *bool) func(string) error {
	return func(value string) error {
		if value != "true" && value != "false" {
			return fmt.Errorf("%q is neither true nor false", value)
		}
		*to = value == "true"
		return nil
	}
}

func between(to *int, least, most int) func(string) error {
	return func(value string) error {
		number, err := strconv.Atoi(value)
		if err != nil || number < least || number > most {
			return fmt.Errorf("%q is not a whole number from %d to %d", value, least, most)
		}
		*to = number
		return nil
	}
}

// number reads digits alone, of a number within bounds.
func number(text string, least, most int) (int, bool) {
	value, err := strconv.ParseUint(text, 10, 16)
	return int(value), err == nil && least <= int(value) && int(value) <= most
}

func retention(to *int) func(string) error {
	return func(value string) error {
		days, err := strconv.Atoi(value)
		if err != nil || !slices.Contains(retentions, days) {
			return fmt.Errorf("%q is no number of days that CloudWatch knows: take one of %v", value, retentions)
		}
		*to = days
		return nil
	}
}

func oneOf[T ~string](to *T, choices ...T) func(string) error {
	return func(value string) error {
		if !slices.Contains(choices, T(value)) {
			return fmt.Errorf("%q is not one of %v", value, choices)
		}
		*to = T(value)
		return nil
	}
}

func username(to *string) func(string) error {
	return func(value string) error {
		if name, ok := strings.CutPrefix(value, referencePrefix); ok && !parameterName.MatchString(name) {
			return fmt.Errorf("%q is not a reference like %s/sftpgo/username", value, referencePrefix)
		}
		*to = value
		return nil
	}
}

// reference takes the name of a parameter, and never a secret itself. Its
// error doesn't repeat the value, which may be one; it says where to put it.
func reference(to *string, variable, example string) func(string) error {
	return func(value string) error {
		name, ok := strings.CutPrefix(value, referencePrefix)
		if !ok {
			return fmt.Errorf("this is the secret itself, which anybody who may read the stack would see: "+
				"keep it in Parameter Store with `%s=… make keep-secret`, then deploy with %s=%s%s",
				variable, variable, referencePrefix, example)
		}
		if !parameterName.MatchString(name) {
			return fmt.Errorf("this is not a reference like %s%s", referencePrefix, example)
		}
		*to = value
		return nil
	}
}

func parameterPrefix(to *string) func(string) error {
	return func(value string) error {
		name, ok := strings.CutSuffix(value, "/")
		if !ok || !parameterName.MatchString(name) {
			return fmt.Errorf("%q is not a path that begins and ends with a slash, like /iam/access_key/", value)
		}
		if reserved.MatchString(name) {
			return fmt.Errorf("%q begins with aws or ssm, which AWS keeps for itself", value)
		}
		*to = value
		return nil
	}
}
