package sftp

import (
	"crypto/rsa"
	"errors"

	"golang.org/x/crypto/ssh"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/settings"
)

// minRSABits is the smallest RSA key that is secure
// (https://nvlpubs.nist.gov/nistpubs/SpecialPublications/NIST.SP.800-131Ar2.pdf).
const minRSABits = 2048

// authMethods returns the ways to log in: the private key first, if there is one, and the
// password, also where the server asks for it as keyboard-interactive.
func authMethods(s settings.SFTP) ([]ssh.AuthMethod, error) {
	var methods []ssh.AuthMethod
	if !s.PrivateKey.Empty() {
		signer, err := parsePrivateKey(s)
		if err != nil {
			return nil, err
		}
		methods = append(methods, ssh.PublicKeys(signer))
	}
	if !s.Password.Empty() {
		methods = append(methods, ssh.Password(s.Password.Reveal()), ssh.KeyboardInteractive(
			func(_, _ string, questions []string, echos []bool) ([]string, error) {
				answers := make([]string, len(questions))
				for i, echo := range echos {
					if !echo { // A password isn't shown while it is typed.
						answers[i] = s.Password.Reveal()
					}
				}
				return answers, nil
			}))
	}
	return methods, nil
}

// parsePrivateKey returns a signer that does not sign with SHA-1. Its errors do not show
// the key.
func parsePrivateKey(s settings.SFTP) (ssh.Signer, error) {
	pem := []byte(s.PrivateKey.Reveal())
	key, err := ssh.ParseRawPrivateKey(pem)
	if errors.As(err, new(*ssh.PassphraseMissingError)) {
		if s.Passphrase.Empty() {
			return nil, errkind.Errorf(errkind.Misconfigured, "the private key has a passphrase; set SSH_PRIVATE_KEY_PASSPHRASE")
		}
		if key, err = ssh.ParseRawPrivateKeyWithPassphrase(pem, []byte(s.Passphrase.Reveal())); err != nil {
			return nil, errkind.Errorf(errkind.Misconfigured, "SSH_PRIVATE_KEY_PASSPHRASE does not decrypt the private key")
		}
	}
	if err != nil {
		return nil, errkind.Errorf(errkind.Misconfigured,
			"SSH_PRIVATE_KEY is no private key in PEM, and no reference (ssm:/…, secretsmanager:…, bucket:key)")
	}
	if rsaKey, ok := key.(*rsa.PrivateKey); ok && rsaKey.N.BitLen() < minRSABits {
		return nil, errkind.Errorf(errkind.Misconfigured, "the private key is RSA with %d bits; it must have %d or more", rsaKey.N.BitLen(), minRSABits)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		return nil, errkind.Errorf(errkind.Misconfigured, "the private key can't be used; use ed25519, ECDSA or RSA")
	}
	algorithms := algorithmsOf(signer.PublicKey().Type())
	if len(algorithms) == 0 {
		return nil, errkind.Errorf(errkind.Misconfigured, "the private key is %s; use ed25519, ECDSA or RSA", signer.PublicKey().Type())
	}
	return ssh.NewSignerWithAlgorithms(signer.(ssh.AlgorithmSigner), algorithms)
}
