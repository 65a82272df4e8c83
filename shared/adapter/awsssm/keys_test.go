package awsssm

import (
	"fmt"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/secret"
)

func newKeys(store *fakeSSM) Keys {
	return NewKeys(Parameters{client: store}, "/iam/access_key/", "/iam/secret_key/")
}

func TestKeysAreTrimmed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		id, secret string
	}{
		{"without white space", "AKIA1", "s3cr3t/+="},
		{"made from a file", "AKIA1\n", "s3cr3t/+=\r\n"},
		{"pasted with spaces", " AKIA1", "\ts3cr3t/+= "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := newFakeSSM(map[string]string{"/iam/access_key/a.b-c_d": tt.id, "/iam/secret_key/a.b-c_d": tt.secret})
			got, err := newKeys(store).Keys(t.Context(), "a.b-c_d")
			require.NoError(t, err)
			assert.Equal(t, "AKIA1", got.ID)
			assert.Equal(t, "s3cr3t/+=", got.Secret.Reveal())
			assert.Equal(t, 1, store.calls, "one call for both keys")
		})
	}
}

func TestKeysHaveTheVersionsOfTheirParameters(t *testing.T) {
	t.Parallel()
	const id, secretKey = "/iam/access_key/alice", "/iam/secret_key/alice"
	store := newFakeSSM(map[string]string{id: "AKIA1", secretKey: "s3cr3t"})
	store.versions = map[string]int64{id: 3, secretKey: 5}
	got, err := newKeys(store).Keys(t.Context(), "alice")
	require.NoError(t, err)
	assert.Equal(t, account.Keys{ID: "AKIA1", Secret: secret.New("s3cr3t"), IDVersion: 3, SecretVersion: 5}, got)
	assert.Equal(t, 1, store.calls)
}

func TestKeysNamesTheMissingParameters(t *testing.T) {
	t.Parallel()
	const id, secret = "/iam/access_key/alice", "/iam/secret_key/alice"
	tests := []struct {
		name string
		give map[string]string
		want string
	}{
		{"both missing", nil, "in Parameter Store, " + id + " is missing and " + secret + " is missing"},
		{"secret missing", map[string]string{id: "AKIA1"}, "in Parameter Store, " + secret + " is missing"},
		{"id blank", map[string]string{id: " \n", secret: "s3cr3t"}, "in Parameter Store, " + id + " is blank"},
		{"two keys in one", map[string]string{id: "AKIA1", secret: "AKIA1 s3cr3t"}, "in Parameter Store, " + secret + " has white space inside, so it is not one key"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := newKeys(newFakeSSM(tt.give)).Keys(t.Context(), "alice")
			assert.Equal(t, errkind.KeysMissing, errkind.Of(err))
			assert.EqualError(t, err, tt.want)
		})
	}
}

func TestKeysOfUsernamesThatNoParameterCanHave(t *testing.T) {
	t.Parallel()
	for _, character := range "+=,@" {
		store := newFakeSSM(nil)
		username := fmt.Sprintf("alice%cx", character)
		_, err := newKeys(store).Keys(t.Context(), username)
		assert.Equal(t, errkind.KeysMissing, errkind.Of(err), username)
		assert.ErrorContains(t, err, username)
		assert.Zero(t, store.calls, "no call for such a name")
	}
}

func TestKeysReportsAccessDenied(t *testing.T) {
	t.Parallel()
	store := newFakeSSM(nil)
	store.err = &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not authorized to perform: kms:Decrypt"}
	_, err := newKeys(store).Keys(t.Context(), "alice")
	assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
	assert.ErrorContains(t, err, "/iam/secret_key/alice")
	assert.ErrorContains(t, err, "kms:Decrypt")
}
