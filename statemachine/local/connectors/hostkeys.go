package connectors

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// algorithms are those of the host keys that connectors take, RSA and ECDSA, by the types of keys.
var algorithms = map[string][]string{
	ssh.KeyAlgoECDSA256: {ssh.KeyAlgoECDSA256},
	ssh.KeyAlgoECDSA384: {ssh.KeyAlgoECDSA384},
	ssh.KeyAlgoECDSA521: {ssh.KeyAlgoECDSA521},
	ssh.KeyAlgoRSA:      {ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256},
}

// hostKeys are the keys that a connector trusts.
type hostKeys []ssh.PublicKey

var errUntrusted = errors.New("the server's host key is none of the trusted ones")

// parseHostKeys returns the keys of lines, which moto has checked.
func parseHostKeys(lines []string) (hostKeys, error) {
	var keys hostKeys
	for _, line := range lines {
		if fields := strings.Fields(line); len(fields) == 3 {
			line = fields[1] + " " + fields[2] // The first is the host.
		}
		key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
		if err != nil {
			return nil, fmt.Errorf("trusted host key: %w", err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// algorithms are those by which a server can show one of the keys, or, if there are none,
// any that connectors take.
func (k hostKeys) algorithms() []string {
	var found []string
	for _, name := range []string{ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoRSA} {
		if len(k) == 0 || slices.ContainsFunc(k, func(key ssh.PublicKey) bool { return key.Type() == name }) {
			found = append(found, algorithms[name]...)
		}
	}
	return found
}

// check is an ssh.HostKeyCallback.
func (k hostKeys) check(_ string, _ net.Addr, shown ssh.PublicKey) error {
	for _, key := range k {
		if string(key.Marshal()) == string(shown.Marshal()) {
			return nil
		}
	}
	return errUntrusted
}
