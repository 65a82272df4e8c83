package sftpgo

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// apiKeyRejected is in every error with which SFTPGo rejects an API key.
const apiKeyRejected = "provided api key"

// rejections are the errors with which SFTPGo rejects a request before it handles
// it, most of them as a 403 (checkConnection and checkAPIKeyAuth in its package
// internal/httpd).
var rejections = []struct {
	text string
	kind errkind.Kind
	hint string
}{
	{"not allowed to connect", errkind.Throttled,
		"too many connections at once, or an address that is not on SFTPGo's allow list"},
	{"service is shutting down", errkind.Unavailable, "SFTPGo is stopping or restarting"},
	{"IP address is blocked", errkind.AccessDenied,
		"SFTPGo's defender has banned this address; lift the ban there, and put the address on its safe list"},
	{"The host ", errkind.Misconfigured, "set SFTPGO_HOST to a name that is among SFTPGo's allowed hosts"},
	{apiKeyRejected, errkind.AccessDenied,
		"check SFTPGO_API_KEY: its scope, its expiry date, and whether its administrator may use API keys"},
}

// classify returns the error with its kind, and with a hint where there is one.
func (e *Error) classify(isLogin bool) error {
	for _, rejection := range rejections {
		if e.Status < 500 && e.errorContains(rejection.text) {
			return errkind.Errorf(rejection.kind, "%w; %s", e, rejection.hint)
		}
	}
	switch {
	case e.Status == http.StatusTooManyRequests:
		return errkind.Errorf(errkind.Throttled, "%w", e)
	case e.Status >= 500 || e.Status == http.StatusRequestTimeout:
		return errkind.Errorf(errkind.Unavailable, "%w", e)
	case e.Status >= 300 && e.Status < 400:
		return errkind.Errorf(errkind.Misconfigured, "%w; redirects are not followed, so set SFTPGO_HOST to the final address", e)
	case e.Status == http.StatusUnauthorized && isLogin:
		return errkind.Errorf(errkind.AccessDenied,
			"%w; check SFTPGO_USERNAME and SFTPGO_PASSWORD, and whether that administrator may log in from here without a second factor", e)
	case e.Status == http.StatusUnauthorized && e.response != nil:
		return errkind.Errorf(errkind.AccessDenied,
			"%w; a token is bound to the client's address, so if SFTPGo sees several of ours, set its token_validation to 1", e)
	case e.Status == http.StatusForbidden && e.response != nil && e.response.Error == "":
		return errkind.Errorf(errkind.AccessDenied, "%w; the administrator needs the permissions %s", e, strings.Join(RequiredPermissions, ", "))
	case e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden:
		return errkind.Errorf(errkind.AccessDenied, "%w", e)
	case e.Status == http.StatusNotFound && !e.isRecordNotFound():
		kind := errkind.Misconfigured
		if !isLogin { // a server that has issued a token has the right address, and will be back
			kind = errkind.Unavailable
		}
		return errkind.Errorf(kind, "%w; SFTPGo words a missing record differently, so check SFTPGO_HOST and any proxy before the server", e)
	}
	return errkind.Errorf(errkind.Unexpected, "%w", e)
}

// classifyConnection returns the error of a connection with its kind. It leaves out
// the URL that net/http puts before the error, because the request line names it.
func classifyConnection(r *http.Request, err error) error {
	var urlError *url.Error
	if errors.As(err, &urlError) {
		err = urlError.Err
	}
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &certificate) || errors.Is(err, http.ErrSchemeMismatch) {
		return errkind.Errorf(errkind.Misconfigured, "%s: %w; check SFTPGO_HOST", requestLine(r), err)
	}
	return errkind.Errorf(errkind.Unavailable, "%s: %w", requestLine(r), err)
}
