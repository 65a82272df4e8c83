package sftpgo

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// refusedKey is in every reason that SFTPGo gives for refusing an API key.
const refusedKey = "provided api key"

// refusals are the reasons that SFTPGo gives before it looks at a call, most of
// them as 403 (its internal/httpd: checkConnection, checkAPIKeyAuth).
var refusals = []struct {
	words string
	kind  errkind.Kind
	mend  string
}{
	{"not allowed to connect", errkind.Throttled,
		"too many connections at once, or an address that is not on SFTPGo's allow list"},
	{"service is shutting down", errkind.Unavailable, "it stops or starts anew"},
	{"IP address is blocked", errkind.AccessDenied,
		"SFTPGo's defender has banned this address; lift the ban there, and put the address on its safe list"},
	{"The host ", errkind.Misconfigured, "give SFTPGO_HOST a name that SFTPGo's allowed hosts have"},
	{refusedKey, errkind.AccessDenied,
		"check SFTPGO_API_KEY: its scope, its end, and whether its administrator may log in with a key"},
}

// requiredPermissions are the permissions that an administrator needs for all that this
// package does.
var requiredPermissions = []string{"view_users", "edit_users", "manage_folders"}

// named gives the error its kind, and says what mends it where that is known.
func (e *Error) named(r request) error {
	for _, refusal := range refusals {
		if e.Status < 500 && e.says(refusal.words) {
			return errkind.Errorf(refusal.kind, "%w; %s", e, refusal.mend)
		}
	}
	switch {
	case e.Status == http.StatusTooManyRequests:
		return errkind.Errorf(errkind.Throttled, "%w", e)
	case e.Status >= 500 || e.Status == http.StatusRequestTimeout:
		return errkind.Errorf(errkind.Unavailable, "%w", e)
	case e.Status >= 300 && e.Status < 400:
		return errkind.Errorf(errkind.Misconfigured, "%w; redirects are not followed, so set SFTPGO_HOST to the final address", e)
	case e.Status == http.StatusUnauthorized && r.login:
		return errkind.Errorf(errkind.AccessDenied,
			"%w; check SFTPGO_USERNAME and SFTPGO_PASSWORD, and whether that administrator may log in from here without a second factor", e)
	case e.Status == http.StatusUnauthorized && e.reply != nil:
		return errkind.Errorf(errkind.AccessDenied,
			"%w; a token is bound to the caller's address, so if SFTPGo sees several of ours, set its token_validation to 1", e)
	case e.Status == http.StatusForbidden && e.reply != nil && e.reply.Error == "":
		return errkind.Errorf(errkind.AccessDenied, "%w; the administrator needs the permissions %s", e, strings.Join(requiredPermissions, ", "))
	case e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden:
		return errkind.Errorf(errkind.AccessDenied, "%w", e)
	case e.Status == http.StatusNotFound && !e.noRecord():
		return errkind.Errorf(notThere(r), "%w; that is not how SFTPGo says it has no such record, so check SFTPGO_HOST and what stands before it", e)
	}
	return errkind.Errorf(errkind.Unexpected, "%w", e)
}

// notThere is the kind of a path that is not there. A server that has given a
// token has the right address, and will be there again.
func notThere(r request) errkind.Kind {
	if r.login {
		return errkind.Misconfigured
	}
	return errkind.Unavailable
}

// unreachable names an error of the connection. The URL that net/http puts
// before it is left out, for the request's line says it.
func unreachable(r *http.Request, err error) error {
	var around *url.Error
	if errors.As(err, &around) {
		err = around.Err
	}
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &certificate) || errors.Is(err, http.ErrSchemeMismatch) {
		return errkind.Errorf(errkind.Misconfigured, "%s: %w; check SFTPGO_HOST", line(r), err)
	}
	return errkind.Errorf(errkind.Unavailable, "%s: %w", line(r), err)
}
