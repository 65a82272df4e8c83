package main

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// referencePrefix begins a value that stands in Parameter Store.
const referencePrefix = "ssm:"

// parameterName is a full name as Parameter Store takes it.
var parameterName = regexp.MustCompile(`^(/[A-Za-z0-9_.-]+)+$`)

func text(to *string) func(string) error {
	return func(value string) error {
		*to = value
		return nil
	}
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
		parsed, err := strconv.ParseBool(value)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", value)
		}
		*to = parsed
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

func oneOf[T ~string](to *T, choices ...T) func(string) error {
	return func(value string) error {
		for _, choice := range choices {
			if value == string(choice) {
				*to = choice
				return nil
			}
		}
		return fmt.Errorf("%q is not one of %v", value, choices)
	}
}

// items are the parts of a list that is written with commas.
func items(value string) []string {
	var found []string
	for item := range strings.SplitSeq(value, ",") {
		if item = strings.TrimSpace(item); item != "" {
			found = append(found, item)
		}
	}
	return found
}

func emails(to *[]string) func(string) error {
	return func(value string) error {
		for _, item := range items(value) {
			address, err := mail.ParseAddress(item)
			if err != nil || address.Address != item {
				return fmt.Errorf("%q is not a mail address", item)
			}
			*to = append(*to, item)
		}
		return nil
	}
}

func webAddress(to *string) func(string) error {
	return func(value string) error {
		address, err := url.Parse(value)
		if err != nil || address.Host == "" || address.Scheme != "https" && address.Scheme != "http" {
			return errors.New("this is not a URL like https://sftpgo.example.org")
		}
		if address.User != nil {
			return errors.New("a URL with a password in it would end in the template: leave the user part out")
		}
		*to = strings.TrimSuffix(value, "/")
		return nil
	}
}

// reference takes the name of a parameter, and never a secret itself. Its
// error doesn't repeat the value, which may be one; it says where to put it.
func reference(to *string, example string) func(string) error {
	return func(value string) error {
		name, ok := strings.CutPrefix(value, referencePrefix)
		if !ok {
			return fmt.Errorf("this is the secret itself, which would end in the template: "+
				"put it into Parameter Store, `aws ssm put-parameter --type SecureString --name %s --value …`, and give %s%s",
				example, referencePrefix, example)
		}
		if !parameterName.MatchString(name) {
			return fmt.Errorf("%q is not a reference like %s%s", value, referencePrefix, example)
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
		*to = value
		return nil
	}
}
