package stack

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// hashLength is how many hex digits tell usernames of one key apart: 48 bits,
// so that among the few that share a key none meet again.
const hashLength = 12

// Key turns an SFTPGo username into the prefix of its folders' names: every
// character outside [A-Za-z0-9] becomes `_`. Several usernames may give one key.
func Key(username string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
			return r
		}
		return '_'
	}, username)
}

// UniqueKey is the key for a username that shares its plain Key with another:
// the same with a short hash of the whole username.
func UniqueKey(username string) string {
	sum := sha256.Sum256([]byte(username))
	return Key(username) + "_" + hex.EncodeToString(sum[:])[:hashLength]
}

// FolderName is the name of the SFTPGo folder that shows a bucket to the
// account with that key.
func FolderName(key, bucket string) string { return key + "-" + bucket }
