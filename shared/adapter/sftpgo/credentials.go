package sftpgo

import (
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/secret"
)

// Credentials are an administrator's: an API key, or else a username and password.
type Credentials struct {
	Username string
	Password secret.Text
	APIKey   secret.Text
}

func (c Credentials) equal(other Credentials) bool {
	return c.Username == other.Username && c.Password.Reveal() == other.Password.Reveal() && c.APIKey.Reveal() == other.APIKey.Reveal()
}

// check returns Misconfigured, with the names of the environment variables, if the
// credentials can't work.
func (c Credentials) check() error {
	switch {
	case !c.APIKey.Empty():
		if strings.ContainsFunc(c.APIKey.Reveal(), func(r rune) bool { return r <= ' ' || r > '~' }) {
			return errkind.Errorf(errkind.Misconfigured, "SFTPGO_API_KEY holds white space or other characters that no key has")
		}
	case c.Username == "" && c.Password.Empty():
		return errkind.Errorf(errkind.Misconfigured,
			"no credentials for SFTPGo: set SFTPGO_USERNAME and SFTPGO_PASSWORD, or SFTPGO_API_KEY")
	case c.Username == "":
		return errkind.Errorf(errkind.Misconfigured, "SFTPGO_USERNAME is missing: set it, or SFTPGO_API_KEY instead of the password")
	case c.Password.Empty():
		return errkind.Errorf(errkind.Misconfigured, "SFTPGO_PASSWORD is missing: set it, or SFTPGO_API_KEY instead of the username")
	case strings.Contains(c.Username, ":"):
		return errkind.Errorf(errkind.Misconfigured, "SFTPGO_USERNAME has a colon in it, which HTTP basic authentication can't send")
	}
	return nil
}

// authorize authorizes a login.
func (c Credentials) authorize(r *http.Request) { r.SetBasicAuth(c.Username, c.Password.Reveal()) }

func (c Credentials) secrets() []secret.Text {
	if c.Password.Empty() {
		return []secret.Text{c.APIKey}
	}
	basic := base64.StdEncoding.EncodeToString([]byte(c.Username + ":" + c.Password.Reveal()))
	return []secret.Text{c.APIKey, c.Password, secret.New(basic)}
}
