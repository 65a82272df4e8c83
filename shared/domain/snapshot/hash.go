package snapshot

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/digipres/sync-users/shared/domain/run"
)

// hashLength is the number of hex digits of a hash. Two of 64 bits are equal by chance
// once in far more runs than there will be.
const hashLength = 16

// Hashes returns the hashes of all that accounts should have, by account: of the users
// with its name as their Email tag, in their order.
func Hashes(users []run.User) map[string]string {
	hashes := map[string]string{}
	for _, user := range users {
		if user.Email != "" {
			hashes[user.Account()] = extendHash(hashes[user.Account()], user)
		}
	}
	return hashes
}

// HashAll returns the hash of users and all that their accounts should have.
func HashAll(users []run.User) (hash string) {
	for _, user := range users {
		hash = extendHash(hash, user)
	}
	return hash
}

// extendHash returns the hash of an account's users, given that of those before this one.
func extendHash(before string, user run.User) string {
	hash := sha256.New()
	hash.Write([]byte(before))
	// A User has nothing that can't be encoded, and a hash accepts everything.
	_ = json.NewEncoder(hash).Encode(user)
	return hex.EncodeToString(hash.Sum(nil))[:hashLength]
}
