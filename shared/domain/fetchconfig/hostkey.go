package fetchconfig

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
)

// hostKeyTypes are those that connectors take
// (https://docs.aws.amazon.com/transfer/latest/APIReference/API_SftpConnectorConfig.html).
var hostKeyTypes = map[string]bool{"ssh-rsa": true, "ecdsa-sha2-nistp256": true, "ecdsa-sha2-nistp384": true, "ecdsa-sha2-nistp521": true}

const mostHostKeys = 10

func checkHostKeys(r *reader, lines []string) []string {
	var keys []string
	seen := map[string]bool{}
	for i, line := range lines {
		key, err := parseHostKey(line)
		if err != nil {
			r.mistakes.add(fmt.Sprintf("%s[%d]", r.at("PublicKey"), i), "%v", err)
			continue
		}
		if !seen[key] {
			keys = append(keys, key)
		}
		seen[key] = true
	}
	if len(keys) > mostHostKeys {
		r.mistakes.add(r.at("PublicKey"), "these are %d keys, and a connector takes %d", len(keys), mostHostKeys)
	}
	return keys
}

// parseHostKey returns a key without the host that ssh-keyscan puts before it and the comment
// that may follow.
func parseHostKey(line string) (string, error) {
	const remedy = "give what `ssh-keyscan -t rsa,ecdsa HOST` prints, after comparing it with what the server's operator says"
	if blank.MatchString(line) || strings.HasSuffix(strings.TrimSpace(line), "...") {
		return "", fmt.Errorf("it is still to be filled in: %s", remedy)
	}
	fields := strings.Fields(line)
	if len(fields) > 1 && !isKeyType(fields[0]) && isKeyType(fields[1]) {
		fields = fields[1:]
	}
	switch {
	case len(fields) < 2 || !isKeyType(fields[0]):
		return "", fmt.Errorf("this is no host key like \"ssh-rsa AAAAB3…\": %s", remedy)
	case !hostKeyTypes[fields[0]]:
		return "", fmt.Errorf("a connector takes host keys of the types RSA and ECDSA, and this is %s: %s", fields[0], remedy)
	}
	blob, err := base64.StdEncoding.DecodeString(fields[1])
	if err != nil || !beginsWithType(blob, fields[0]) {
		return "", fmt.Errorf("the text after %s is not the whole key: %s", fields[0], remedy)
	}
	return fields[0] + " " + fields[1], nil
}

func isKeyType(text string) bool {
	return strings.HasPrefix(text, "ssh-") || strings.HasPrefix(text, "ecdsa-") || strings.HasPrefix(text, "sk-")
}

// beginsWithType reports whether a key is of a type, which is in it too, and has something
// after that
// (https://datatracker.ietf.org/doc/html/rfc4253#section-6.6).
func beginsWithType(blob []byte, keyType string) bool {
	if len(blob) < 4 {
		return false
	}
	length := binary.BigEndian.Uint32(blob)
	return uint64(length)+4 < uint64(len(blob)) && string(blob[4:4+length]) == keyType
}
