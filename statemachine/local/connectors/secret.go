package connectors

import (
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/crypto/ssh"
)

// login is what a connector's secret holds: "Store authentication credentials for SFTP
// connectors in Secrets Manager" in the Transfer user guide. It can't be printed.
type login struct {
	username, password, privateKey string
}

func (login) String() string   { return "[redacted]" }
func (login) GoString() string { return "[redacted]" }

// parseSecret returns the login of a secret's value. Its errors don't show the secret.
func parseSecret(value string) (login, error) {
	if len(value) > maxSecret {
		return login{}, fmt.Errorf("the secret has more than %d characters", maxSecret)
	}
	var fields struct{ Username, Password, PrivateKey string }
	if err := json.Unmarshal([]byte(value), &fields); err != nil {
		return login{}, errors.New("the secret is not a JSON object of texts")
	}
	for _, field := range []struct {
		name, value string
		limit       int
	}{{"Username", fields.Username, maxUsername}, {"Password", fields.Password, maxPassword}, {"PrivateKey", fields.PrivateKey, maxPrivateKey}} {
		if len(field.value) > field.limit {
			return login{}, fmt.Errorf("the secret's %s has more than %d characters", field.name, field.limit)
		}
	}
	switch {
	case fields.Username == "":
		return login{}, errors.New("the secret has no Username")
	case fields.Password == "" && fields.PrivateKey == "":
		return login{}, errors.New("the secret has neither a Password nor a PrivateKey")
	}
	return login{fields.Username, fields.Password, fields.PrivateKey}, nil
}

// methods returns the ways to log in: the private key first, if there is one.
func (l login) methods() ([]ssh.AuthMethod, error) {
	var methods []ssh.AuthMethod
	if l.privateKey != "" {
		signer, err := ssh.ParsePrivateKey([]byte(l.privateKey))
		if err != nil {
			return nil, errors.New("the secret's PrivateKey can't be read")
		}
		methods = append(methods, ssh.PublicKeys(signer))
	}
	if l.password != "" {
		methods = append(methods, ssh.Password(l.password))
	}
	return methods, nil
}
