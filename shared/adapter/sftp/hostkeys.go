package sftp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// HostKey is a host key that a server shows.
type HostKey struct {
	// Line is the key as SSH_HOST_KEYS takes it, `<type> <base64>`.
	Line string
	// Fingerprint is its SHA-256 as OpenSSH prints it.
	Fingerprint string

	key ssh.PublicKey
}

// Type is the key's type, such as ssh-ed25519.
func (k HostKey) Type() string { return k.key.Type() }

func newHostKey(key ssh.PublicKey) HostKey {
	return HostKey{Line: strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))), Fingerprint: ssh.FingerprintSHA256(key), key: key}
}

// hostKeys are the keys that a server may show.
type hostKeys struct {
	trusted, revoked []ssh.PublicKey
}

// parseHostKeys parses lines of known_hosts, with or without the names of hosts. The keys are
// those of the one server, so the names are ignored.
func parseHostKeys(text string) (hostKeys, error) {
	var keys hostKeys
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == ';' }) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		marker, _, key, _, _, err := ssh.ParseKnownHosts([]byte(line))
		if err != nil {
			key, _, _, _, err = ssh.ParseAuthorizedKey([]byte(line))
		}
		switch {
		case err != nil:
			return hostKeys{}, errkind.Errorf(errkind.Misconfigured,
				"SSH_HOST_KEYS has the line %q, which is no host key; `ssh-keyscan` prints such lines: %w", line, err)
		case marker == "revoked":
			keys.revoked = append(keys.revoked, key)
		case marker != "":
			return hostKeys{}, errkind.Errorf(errkind.Misconfigured, "SSH_HOST_KEYS has a line with @%s, which is not supported; put the host's own key in", marker)
		default:
			keys.trusted = append(keys.trusted, key)
		}
	}
	if len(keys.algorithms()) == 0 {
		return hostKeys{}, errkind.Errorf(errkind.Misconfigured, "SSH_HOST_KEYS has no key that is secure; `ssh-keyscan` shows what the server offers")
	}
	return keys, nil
}

// algorithms returns the signature algorithms of the trusted keys, without SHA-1.
func (k hostKeys) algorithms() []string {
	var all []string
	for _, key := range k.trusted {
		for _, algorithm := range algorithmsOf(key.Type()) {
			if !slices.Contains(all, algorithm) {
				all = append(all, algorithm)
			}
		}
	}
	return all
}

func algorithmsOf(keyType string) []string {
	if keyType == ssh.KeyAlgoRSA {
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	}
	if slices.Contains(ssh.SupportedAlgorithms().HostKeys, keyType) {
		return []string{keyType}
	}
	return nil
}

// check is an ssh.HostKeyCallback. It returns HostKeyChanged for any other than the trusted
// keys.
func (k hostKeys) check(_ string, _ net.Addr, offered ssh.PublicKey) error {
	same := func(key ssh.PublicKey) bool { return bytes.Equal(key.Marshal(), offered.Marshal()) }
	if slices.ContainsFunc(k.revoked, same) {
		return errkind.Errorf(errkind.HostKeyChanged, "the server shows the host key %s, which SSH_HOST_KEYS has as revoked", ssh.FingerprintSHA256(offered))
	}
	if !slices.ContainsFunc(k.trusted, same) {
		return changedHostKey(newHostKey(offered))
	}
	return nil
}

func changedHostKey(offered ...HostKey) error {
	var texts []string
	for _, key := range offered {
		texts = append(texts, fmt.Sprintf("%s (%s)", key.Fingerprint, key.Line))
	}
	return errkind.Errorf(errkind.HostKeyChanged,
		"the server shows another host key than SSH_HOST_KEYS has, and nothing was sent to it. It shows %s. Ask the partner for the fingerprint; only if it is the same, put the line in parentheses into SSH_HOST_KEYS",
		strings.Join(texts, ", "))
}

// errSeen ends a connection that was only made to see the host key.
var errSeen = errors.New("host key seen")

// OfferedHostKeys returns the host keys that a server shows, one of each type, without logging
// in. Address is its name and port. It returns Unavailable if the server does not answer.
func OfferedHostKeys(ctx context.Context, address string) ([]HostKey, error) {
	var keys []HostKey
	for _, keyType := range []string{ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoRSA} {
		config := clientConfig("", nil)
		config.HostKeyAlgorithms = algorithmsOf(keyType)
		config.HostKeyCallback = func(_ string, _ net.Addr, key ssh.PublicKey) error {
			keys = append(keys, newHostKey(key))
			return errSeen
		}
		client, err := dialSSH(ctx, address, config)
		if err == nil {
			_ = client.Close()
		}
		if err != nil && !errors.Is(err, errSeen) && !errors.As(err, new(*ssh.AlgorithmNegotiationError)) {
			return keys, errkind.Errorf(errkind.Unavailable, "ask %s for its host keys: %w", address, err)
		}
	}
	return keys, nil
}
