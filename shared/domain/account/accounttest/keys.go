package accounttest

import (
	"context"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/secret"
)

// SecretKey is the secret access key that Keys gives every user. No output may
// contain it.
const SecretKey = "wJalrXUtnFEMI"

// Keys is a key store that has access key ids by IAM username.
type Keys map[string]string

var _ account.KeyStore = Keys(nil)

// Keys implements account.KeyStore.
func (k Keys) Keys(_ context.Context, username string) (account.Keys, error) {
	id, ok := k[username]
	if !ok {
		return account.Keys{}, errkind.Errorf(errkind.KeysMissing, "in Parameter Store, /iam/access_key/%s is missing", username)
	}
	return account.Keys{ID: id, Secret: secret.New(SecretKey)}, nil
}
