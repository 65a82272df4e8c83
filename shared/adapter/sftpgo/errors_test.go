package sftpgo_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/adapter/sftpgo"
	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/secret"
)

func TestErrorResponsesHaveAKind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		body   string
		want   errkind.Kind
		text   string
	}{
		{"a load balancer's page", 502, "<html>\n<body>Bad\tGateway</body>\n</html>", errkind.Unavailable, "502 Bad Gateway: <html> <body>Bad Gateway</body> </html>"},
		{"a status without a body", 503, "", errkind.Unavailable, "503 Service Unavailable"},
		{"a status without a name", 599, "", errkind.Unavailable, ": 599"},
		{"an internal error", 500, `{"error":"database is locked","message":""}`, errkind.Unavailable, "500 Internal Server Error: database is locked"},
		{"a timeout", 408, "", errkind.Unavailable, "408"},
		{"throttled", 429, `{"error":"rate limit exceed","message":"Too Many Requests"}`, errkind.Throttled, "429 Too Many Requests: rate limit exceed (Retry-After: 3)"},
		{"too many connections", 403, `{"error":"you are not allowed to connect","message":""}`, errkind.Throttled, "too many connections at once"},
		{"shutting down", 403, `{"error":"the service is shutting down","message":""}`, errkind.Unavailable, "shutting down"},
		{"banned", 403, `{"error":"your IP address is blocked","message":""}`, errkind.AccessDenied, "lift the ban"},
		{"a host that is not allowed", 403, `{"error":"The host \"x\" is not allowed","message":""}`, errkind.Misconfigured, "allowed hosts"},
		{"no permission", 403, `{"message":"Forbidden"}`, errkind.AccessDenied, "403 Forbidden; the administrator needs the permissions view_users, edit_users, manage_folders"},
		{"a second factor is required", 403, `{"error":"Two-factor authentication requirements not met","message":""}`, errkind.AccessDenied, "Forbidden: Two-factor"},
		{"a firewall", 403, "<html>blocked</html>", errkind.AccessDenied, "403 Forbidden: <html>blocked</html>"},
		{"another server's 404", 404, "404 page not found", errkind.Unavailable, "check SFTPGO_HOST"},
		{"a gateway's 404", 404, `{"message":"no Route matched with those values"}`, errkind.Unavailable, "no Route matched"},
		{"a path that SFTPGo does not serve", 404, `{"message":"Not Found"}`, errkind.Unavailable, "404 Not Found; SFTPGo words a missing record differently"},
		{"a bad request", 400, `{"error":"invalid folder","message":"Bad request body"}`, errkind.Unexpected, "400 Bad Request: Bad request body: invalid folder"},
		{"too large", 413, "", errkind.Unexpected, "413"},
		{"not JSON", 200, "<html>welcome</html>", errkind.Unavailable, "not JSON"},
		{"cut short", 200, `{"username":"ali`, errkind.Unavailable, `cut short`},
		{"an empty body", 200, "", errkind.Unavailable, `not JSON`},
		{"another type", 200, `{"username":["alice"]}`, errkind.Unexpected, "cannot unmarshal array"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, s := newClient(t)
			s.intercept = func(w http.ResponseWriter, r *http.Request) bool {
				if isLogin(r) {
					return false
				}
				if tt.status == http.StatusTooManyRequests {
					w.Header().Set("Retry-After", "3")
				}
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
				return true
			}
			_, err := c.Account(t.Context(), "alice")
			require.ErrorContains(t, err, tt.text)
			require.ErrorContains(t, err, "GET /api/v2/users/alice")
			assert.Equal(t, tt.want, errkind.Of(err))
			assert.NotErrorIs(t, err, account.ErrNoAccount)
			assert.NotContains(t, err.Error(), "\n")
			var response *sftpgo.Error
			if errors.As(err, &response) {
				assert.Equal(t, tt.status, response.Status)
			}
		})
	}
}

func TestLongResponsesAreTruncated(t *testing.T) {
	t.Parallel()
	c, s := newClient(t)
	s.respondWith(http.StatusBadGateway, strings.Repeat("ü", 1<<20))
	_, err := c.Account(t.Context(), "alice")
	require.Error(t, err)
	assert.Less(t, len(err.Error()), 1000)
	assert.True(t, strings.HasSuffix(err.Error(), "ü…"))

	s.respondWith(http.StatusOK, `"`+strings.Repeat("x", 8<<20)+`"`)
	_, err = c.Account(t.Context(), "alice")
	require.ErrorContains(t, err, "more than 8 MiB")
	assert.Equal(t, errkind.Unexpected, errkind.Of(err))
}

func TestBrokenConnectionIsUnavailable(t *testing.T) {
	t.Parallel()
	c, s := newClient(t)
	s.intercept = func(w http.ResponseWriter, r *http.Request) bool {
		if isLogin(r) {
			return false
		}
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `{}`)
		return true
	}
	_, err := c.Account(t.Context(), "alice")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Equal(t, errkind.Unavailable, errkind.Of(err))
}

// A server, or a proxy in debug mode, may repeat the request, in whatever form, and
// cut short.
func TestNoErrorContainsASecret(t *testing.T) {
	t.Parallel()
	const awsSecret = `wJalrXUtnFEMI/K7MDENG+bPxRfiCY"EXAMPLE<KEY>`
	quoted, err := json.Marshal(awsSecret)
	require.NoError(t, err)
	header := base64.StdEncoding.EncodeToString([]byte(username + ":" + password))
	echoes := map[string]func(r *http.Request, body string) string{
		"the body":       func(_ *http.Request, body string) string { return body },
		"part of it":     func(_ *http.Request, body string) string { return body[:strings.Index(body+"MDENG", "MDENG")] },
		"as a string":    func(_ *http.Request, body string) string { return fmt.Sprintf("%q", body) },
		"in HTML":        func(_ *http.Request, body string) string { return "<pre>" + html.EscapeString(body) + "</pre>" },
		"the headers":    func(r *http.Request, _ string) string { return fmt.Sprint(r.Header) },
		"the credential": func(r *http.Request, _ string) string { return r.Header.Get("Authorization")[len("Basic "):][:12] },
		"all of them": func(*http.Request, string) string {
			return strings.Join([]string{awsSecret, string(quoted), url.QueryEscape(awsSecret), url.PathEscape(awsSecret), html.EscapeString(awsSecret),
				strings.ReplaceAll(awsSecret, "/", `\/`), password, header}, "\n")
		},
		"SFTPGo's own response": func(_ *http.Request, body string) string {
			response, _ := json.Marshal(map[string]string{"error": "bad: " + body, "message": ""})
			return string(response)
		},
	}
	for _, status := range []int{http.StatusOK, http.StatusFound, http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound, http.StatusBadGateway} {
		for name, echo := range echoes {
			for _, login := range []bool{true, false} {
				t.Run(fmt.Sprintf("%d %s %v", status, name, login), func(t *testing.T) {
					t.Parallel()
					c, s := newClient(t)
					s.intercept = func(w http.ResponseWriter, r *http.Request) bool {
						if isLogin(r) != login {
							return false
						}
						echoed := echo(r, s.lastRequest().Body)
						if status != http.StatusOK {
							w.Header().Set("Location", url.PathEscape(awsSecret+password))
							w.Header().Set("Retry-After", strings.ReplaceAll(echoed, "\n", " "))
						}
						w.WriteHeader(status)
						_, _ = io.WriteString(w, "!"+echoed)
						return true
					}
					err := c.CreateFolder(t.Context(), account.Spec{Name: "n", Bucket: "b", Region: "r"}, account.Keys{ID: "AKIA", Secret: secret.New(awsSecret)})
					require.Error(t, err)
					var token string
					if auth := s.lastRequest().Header.Get("Authorization"); !login {
						token = strings.TrimPrefix(auth, "Bearer ")
					}
					secrets := []string{password, header, token}
					if !login { // a login does not know the keys, and the server neither
						secrets = append(secrets, awsSecret, "wJalrXUt", "MI/K7MDE", "EXAMPLE<", html.EscapeString(awsSecret), url.QueryEscape(awsSecret))
					}
					for _, value := range secrets {
						if value != "" {
							assert.NotContains(t, err.Error(), value)
							assert.NotContains(t, err.Error(), value[:min(len(value), 8)], "the beginning")
						}
					}
				})
			}
		}
	}
}
