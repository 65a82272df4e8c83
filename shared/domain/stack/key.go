package stack

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// hashLength is the number of hex digits of the hash in a UniqueKey: 48 bits are
// enough for the few usernames that share a Key.
const hashLength = 12

// Key returns the prefix of the folder names of an SFTPGo account: its username
// with every character outside [A-Za-z0-9] replaced by `_`. Several usernames may
// have the same key.
func Key(username string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
			return r
		}
		return '_'
	}, username)
}

// UniqueKey returns the key of a username whose Key is also another's: the Key
// with a short hash of the whole username.
func UniqueKey(username string) string {
	sum := sha256.Sum256([]byte(username))
	return Key(username) + "_" + hex.EncodeToString(sum[:])[:hashLength]
}

// FolderName returns the name of the SFTPGo folder of a bucket for the account
// with that key.
func FolderName(key, bucket string) string { return key + "-" + bucket }
