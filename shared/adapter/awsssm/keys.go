package awsssm

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/secret"
)

// Keys reads the AWS access keys of IAM users. The names of their parameters are a
// prefix and the IAM username.
type Keys struct {
	parameters      Parameters
	accessKeyPrefix string
	secretKeyPrefix string
}

var _ account.KeyStore = Keys{}

// NewKeys makes a Keys for access key ids and secret access keys under these prefixes.
func NewKeys(parameters Parameters, accessKeyPrefix, secretKeyPrefix string) Keys {
	return Keys{parameters: parameters, accessKeyPrefix: accessKeyPrefix, secretKeyPrefix: secretKeyPrefix}
}

// parameterName matches the usernames that may be part of a parameter's name. IAM
// allows `+=,@` besides
// (https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-parameter-name-constraints.html,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
var parameterName = regexp.MustCompile(`^[a-zA-Z0-9_.-]+$`)

// Keys returns both keys of an IAM user, with one call. It returns KeysMissing if one
// is missing, blank or obviously no key, with a text that names the parameters and
// never a value. It removes white space around a key: no key has any, but a
// parameter made from a file ends in a line break.
func (k Keys) Keys(ctx context.Context, username string) (account.Keys, error) {
	if !parameterName.MatchString(username) {
		return account.Keys{}, errkind.Errorf(errkind.KeysMissing,
			"Parameter Store can't hold keys for %q, because its names have only letters, digits and _.- in them; rename the IAM user", username)
	}
	idName, secretName := k.accessKeyPrefix+username, k.secretKeyPrefix+username
	parameters, err := k.parameters.get(ctx, idName, secretName)
	if err != nil {
		return account.Keys{}, fmt.Errorf("read the parameters %s and %s: %w", idName, secretName, err)
	}
	id, idVersion, idProblem := findKey(parameters, idName)
	secretKey, secretVersion, secretProblem := findKey(parameters, secretName)
	problems := slices.DeleteFunc([]string{idProblem, secretProblem}, func(problem string) bool { return problem == "" })
	if len(problems) > 0 {
		return account.Keys{}, errkind.Errorf(errkind.KeysMissing, "in Parameter Store, %s", strings.Join(problems, " and "))
	}
	return account.Keys{ID: id, Secret: secret.New(secretKey), IDVersion: idVersion, SecretVersion: secretVersion}, nil
}

// findKey returns the key in the parameter of that name and the parameter's version,
// or else the problem with it. Every change of a parameter adds 1 to its version
// (https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html).
func findKey(parameters []types.Parameter, name string) (value string, version int64, problem string) {
	i := slices.IndexFunc(parameters, func(p types.Parameter) bool { return aws.ToString(p.Name) == name })
	if i < 0 {
		return "", 0, name + " is missing"
	}
	value = strings.TrimSpace(aws.ToString(parameters[i].Value))
	switch {
	case value == "":
		return "", 0, name + " is blank"
	case strings.ContainsFunc(value, unicode.IsSpace):
		return "", 0, name + " has white space inside, so it is not one key"
	}
	return value, parameters[i].Version, ""
}
