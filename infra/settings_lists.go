package main

import (
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"
)

var (
	// mailDomain is what SNS can mail to: a name on the Internet.
	mailDomain = regexp.MustCompile(`@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)
	ascii      = regexp.MustCompile(`^[!-~]+$`)
	tag        = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$`)
)

// items are the parts of a list that is written with commas, each of which may
// be there once, in whatever case.
func items(value string) ([]string, error) {
	var found []string
	for item := range strings.SplitSeq(value, ",") {
		item = strings.TrimSpace(item)
		if slices.ContainsFunc(found, func(other string) bool { return strings.EqualFold(other, item) }) {
			return nil, fmt.Errorf("%q is there twice", item)
		}
		if item != "" {
			found = append(found, item)
		}
	}
	if found == nil {
		return nil, errors.New("there is nothing between its commas: give something, or leave it out")
	}
	return found, nil
}

// ids takes the ids of so many things of VPC, in the two lengths there are.
func ids(to *[]string, kind string, most int) func(string) error {
	return func(value string) error {
		found, err := items(value)
		if err != nil {
			return err
		}
		for _, item := range found {
			if err := isID(item, kind); err != nil {
				return err
			}
		}
		if len(found) > most {
			return fmt.Errorf("these are %d, and Lambda takes %d at most", len(found), most)
		}
		*to = found
		return nil
	}
}

func id(to *string, kind string) func(string) error {
	return func(value string) error {
		if err := isID(value, kind); err != nil {
			return err
		}
		*to = value
		return nil
	}
}

func isID(value, kind string) error {
	if !regexp.MustCompile(`^` + kind + `-([0-9a-f]{8}|[0-9a-f]{17})$`).MatchString(value) {
		return fmt.Errorf("%q is not an id like %s-0123456789abcdef0", value, kind)
	}
	return nil
}

func emails(to *[]string) func(string) error {
	return func(value string) error {
		found, err := items(value)
		if err != nil {
			return err
		}
		for _, item := range found {
			address, err := mail.ParseAddress(item)
			if err != nil || address.Address != item || !mailDomain.MatchString(item) || !ascii.MatchString(item) {
				return fmt.Errorf("%q is not a mail address like operator@example.org", item)
			}
		}
		*to = found
		return nil
	}
}

// tags takes what every service takes
// (https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html).
func tags(to *map[string]string) func(string) error {
	const most, longestName, longestValue = 50, 128, 256
	return func(value string) error {
		listed, err := items(value)
		if err != nil {
			return err
		}
		found, names := map[string]string{}, map[string]bool{}
		for _, item := range listed {
			name, content, ok := strings.Cut(item, "=")
			name, content = strings.TrimSpace(name), strings.TrimSpace(content)
			switch {
			case !ok || !tag.MatchString(name) || !tag.MatchString(content):
				return fmt.Errorf("%q is not a tag like team=archive", item)
			case strings.HasPrefix(strings.ToLower(name), "aws:"):
				return fmt.Errorf("%q begins with aws:, which AWS keeps for itself", item)
			case len([]rune(name)) > longestName || len([]rune(content)) > longestValue:
				return fmt.Errorf("%q is too long: a name has %d characters at most, a value %d", item, longestName, longestValue)
			case names[strings.ToLower(name)]:
				// IAM's tags don't differ in case.
				return fmt.Errorf("the tag %q is there twice", name)
			}
			found[name], names[strings.ToLower(name)] = content, true
		}
		if len(found) > most {
			return fmt.Errorf("these are %d, and AWS takes %d at most", len(found), most)
		}
		*to = found
		return nil
	}
}
