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

// maxForm bounds the body that is read to learn a query request's action.
// A CloudFormation template, the largest that is sent so, is at most 1 MB.
const maxForm = 8 << 20

// Call is one kind of request to AWS.
type Call struct {
	// Service is the name requests are signed for: s3, iam, ssm, states, …
	Service string
	// Action is the operation's name, such as GetAccountAuthorizationDetails.
	// Of a REST service other than S3 and Lambda it is the method and path.
	Action string
	// Caller is the function that asked, and empty for everybody else.
	Caller string
}

// credential is the scope in a signature of version 4:
// Credential=<access key id>/<date>/<region>/<service>/aws4_request.
var credential = regexp.MustCompile(`Credential=([^/]+)/[^/]+/[^/]+/([^/]+)/aws4_request`)

// smithyRPC is the path of the newer RPC protocols.
var smithyRPC = regexp.MustCompile(`^/service/[^/]+/operation/([^/]+)$`)

// callOf tells what a request asks for, and the access key id that signed it.
// It may replace the request's body by one that reads the same.
func callOf(r *http.Request) (call Call, accessKeyID string, err error) {
	signed := r.Header.Get("Authorization")
	if signed == "" {
		signed = "Credential=" + r.URL.Query().Get("X-Amz-Credential")
	}
	if m := credential.FindStringSubmatch(signed); m != nil {
		accessKeyID, call.Service = m[1], m[2]
	}

	switch target := r.Header.Get("X-Amz-Target"); {
	case target != "":
		call.Action = target[strings.LastIndexByte(target, '.')+1:]
	case smithyRPC.MatchString(r.URL.Path):
		call.Action = smithyRPC.FindStringSubmatch(r.URL.Path)[1]
	case call.Service == "s3":
		call.Action = s3Action(r)
	case invocation.MatchString(r.URL.Path):
		call.Action = "Invoke"
	case isForm(r):
		call.Action, err = formAction(r)
	default:
		call.Action = r.Method + " " + r.URL.Path
	}
	return call, accessKeyID, err
}

func isForm(r *http.Request) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return kind == "application/x-www-form-urlencoded"
}

func formAction(r *http.Request) (string, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxForm))
	if err != nil {
		return "", err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return "", err
	}
	return form.Get("Action"), nil
}

// s3Actions are the operations on a bucket and on an object, by method, for
// requests without a subresource.
var s3Actions = map[bool]map[string]string{
	false: {
		http.MethodGet: "ListObjects", http.MethodPut: "CreateBucket",
		http.MethodHead: "HeadBucket", http.MethodDelete: "DeleteBucket",
	},
	true: {
		http.MethodGet: "GetObject", http.MethodPut: "PutObject",
		http.MethodHead: "HeadObject", http.MethodDelete: "DeleteObject",
	},
}

// s3Subresources are the parameters that make a request another operation, as
// far as this project's programs use them.
var s3Subresources = map[string]string{
	"location": "GetBucketLocation", "delete": "DeleteObjects", "list-type": "ListObjectsV2",
	"notification": "BucketNotification", "versioning": "BucketVersioning", "encryption": "BucketEncryption",
	"lifecycle": "BucketLifecycle", "policy": "BucketPolicy", "tagging": "Tagging", "uploads": "MultipartUpload",
	"uploadId": "MultipartUpload", "versions": "ListObjectVersions",
}

func s3Action(r *http.Request) string {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if bucket == "" {
		return "ListBuckets"
	}
	query := r.URL.Query()
	for name, action := range s3Subresources {
		if query.Has(name) {
			return action
		}
	}
	if action, ok := s3Actions[key != ""][r.Method]; ok {
		return action
	}
	return r.Method
}
