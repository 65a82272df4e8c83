package main

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	keyARNs    = regexp.MustCompile(`^arn:aws[a-z-]*:kms:[a-z]{2,}(-[a-z]+)+-\d:\d{12}:key/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$`)
	policyARNs = regexp.MustCompile(`^arn:aws[a-z-]*:iam::(\d{12}|aws):policy/([!-~]+/)?[A-Za-z0-9_+=,.@-]{1,128}$`)
)

func keyARN(to *string) func(string) error {
	return func(value string) error {
		if !keyARNs.MatchString(value) {
			return fmt.Errorf("%q is not a key's ARN like arn:aws:kms:eu-west-1:123456789012:key/…; an alias can't be granted", value)
		}
		*to = value
		return nil
	}
}

func policyARN(to *string) func(string) error {
	return func(value string) error {
		if !policyARNs.MatchString(value) {
			return fmt.Errorf("%q is not a policy's ARN like arn:aws:iam::123456789012:policy/boundary", value)
		}
		*to = value
		return nil
	}
}

// elsewhere finds ARNs of another region or account than the deploy goes to,
// which the CLI says in the environment
// (https://docs.aws.amazon.com/cdk/v2/guide/environments.html). Without an
// account it has no credentials, and the region is a guess.
func (s *Settings) elsewhere(environment func(string) string) []error {
	account, region := environment("CDK_DEFAULT_ACCOUNT"), environment("CDK_DEFAULT_REGION")
	if account == "" || region == "" {
		return nil
	}
	var problems []error
	// S3, SNS and Parameter Store use no key of another region.
	for _, key := range []struct{ setting, arn string }{
		{"parametersKey", s.Keys.Parameters}, {"bucketsKey", s.Keys.Buckets}, {"topicKey", s.Keys.Topic},
	} {
		if key.arn != "" && part(key.arn, 3) != region {
			problems = append(problems, fmt.Errorf("setting %s: the key is in %s, and the deploy goes to %s: give a key that is there, or deploy with AWS_REGION=%s",
				key.setting, part(key.arn, 3), region, part(key.arn, 3)))
		}
	}
	if owner := part(s.PermissionsBoundary, 4); owner != "" && owner != "aws" && owner != account {
		problems = append(problems, fmt.Errorf("setting permissionsBoundary: the policy is of account %s, and the deploy goes to %s: give one of that account",
			owner, account))
	}
	return problems
}

// part is one of the parts of an ARN; empty where there is none.
func part(arn string, i int) string {
	if parts := strings.Split(arn, ":"); i < len(parts) {
		return parts[i]
	}
	return ""
}
