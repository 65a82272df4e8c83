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

// Keys reads people's AWS keys, each of which stands under a prefix and the
// IAM username.
type Keys struct {
	parameters      Parameters
	accessKeyPrefix string
	secretKeyPrefix string
}

var _ account.KeyStore = Keys{}

// NewKeys reads access key ids and secrets under those prefixes.
func NewKeys(parameters Parameters, accessKeyPrefix, secretKeyPrefix string) Keys {
	return Keys{parameters: parameters, accessKeyPrefix: accessKeyPrefix, secretKeyPrefix: secretKeyPrefix}
}

// storable matches what a parameter's name may be made of. An IAM username may
// have `+=,@` besides
// (https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-parameter-name-constraints.html,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
var storable = regexp.MustCompile(`^[a-zA-Z0-9_.-]+$`)

// Keys gives both keys of an IAM user, in one call. Keys that are absent,
// blank or no keys at all are KeysMissing, with a text that names the
// parameters and never a value. White space around a key does not count: no
// key has any, but a parameter made from a file ends in a line break.
func (k Keys) Keys(ctx context.Context, username string) (account.Keys, error) {
	if !storable.MatchString(username) {
		return account.Keys{}, errkind.Errorf(errkind.KeysMissing,
			"Parameter Store can't hold keys for %q, because its names have only letters, digits and _.- in them; rename the IAM user", username)
	}
	idName, secretName := k.accessKeyPrefix+username, k.secretKeyPrefix+username
	found, err := k.parameters.get(ctx, idName, secretName)
	if err != nil {
		return account.Keys{}, fmt.Errorf("read the parameters %s and %s: %w", idName, secretName, err)
	}
	id, idFault := key(found, idName)
	secretKey, secretFault := key(found, secretName)
	faults := slices.DeleteFunc([]string{idFault, secretFault}, func(fault string) bool { return fault == "" })
	if len(faults) > 0 {
		return account.Keys{}, errkind.Errorf(errkind.KeysMissing, "in Parameter Store, %s", strings.Join(faults, " and "))
	}
	return account.Keys{ID: id, Secret: secret.New(secretKey)}, nil
}

// key finds a key among parameters, or says what is wrong with it.
func key(parameters []types.Parameter, name string) (value, fault string) {
	i := slices.IndexFunc(parameters, func(p types.Parameter) bool { return aws.ToString(p.Name) == name })
	if i < 0 {
		return "", name + " is missing"
	}
	value = strings.TrimSpace(aws.ToString(parameters[i].Value))
	switch {
	case value == "":
		return "", name + " is blank"
	case strings.ContainsFunc(value, unicode.IsSpace):
		return "", name + " has white space inside, so it is not one key"
	}
	return value, ""
}
