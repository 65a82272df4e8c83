package gateway

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// maxForm bounds the body that is read to find a query request's action. A
// CloudFormation template, the largest that is sent so, is at most 1 MB.
const maxForm = 8 << 20

// Call is one kind of request to AWS.
type Call struct {
	// Service is the name that requests are signed for: s3, iam, ssm, states, …
	Service string
	// Action is the operation's name, such as GetAccountAuthorizationDetails. For
	// a REST service it is the method and path.
	Action string
	// Caller is the function that sent the request, and empty for other clients.
	Caller string
}

// credential is the scope in a signature of version 4:
// Credential=<access key id>/<date>/<region>/<service>/aws4_request.
var credential = regexp.MustCompile(`Credential=([^/]+)/[^/]+/[^/]+/([^/]+)/aws4_request`)

// parseCall returns a request's call, without its caller, and the access key id
// that signed it. It may replace the request's body by one that reads the same.
func parseCall(r *http.Request) (call Call, accessKeyID string, err error) {
	signed := r.Header.Get("Authorization")
	if signed == "" {
		signed = "Credential=" + r.URL.Query().Get("X-Amz-Credential")
	}
	if m := credential.FindStringSubmatch(signed); m != nil {
		accessKeyID, call.Service = m[1], m[2]
	}
	contentType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch target := r.Header.Get("X-Amz-Target"); {
	case target != "":
		call.Action = target[strings.LastIndexByte(target, '.')+1:]
	case contentType == "application/x-www-form-urlencoded":
		call.Action, err = formAction(r)
	default:
		call.Action = r.Method + " " + r.URL.Path
	}
	return call, accessKeyID, err
}

func formAction(r *http.Request) (string, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxForm))
	if err != nil {
		return "", err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, err := url.ParseQuery(string(body))
	return form.Get("Action"), err
}
