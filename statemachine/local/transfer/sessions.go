package transfer

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// sessions is S3 for people who are logged in: it sends their requests on to the
// laptop's S3 with the token of their session of the role. SFTPGo would have to send the
// token, and has a setting for it, but version 2.6.4 loses that when it copies a storage
// (GetACopy in its vfs/filesystem.go).
type sessions struct {
	// URL is the endpoint for storages of SFTPGo.
	URL string

	http   http.Server
	tokens sync.Map // session tokens by access key id
}

func newSessions(endpoint string, errlog *log.Logger) (*sessions, error) {
	aws, err := url.Parse(endpoint)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sessions{URL: "http://" + listener.Addr().String()}
	s.http = http.Server{
		ReadHeaderTimeout: 5 * time.Second,
		ErrorLog:          errlog,
		Handler: &httputil.ReverseProxy{
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(aws)
				r.Out.Host = r.In.Host // Signatures cover it.
				if token, ok := s.tokens.Load(accessKeyID(r.In)); ok {
					r.Out.Header.Set("X-Amz-Security-Token", token.(string))
				}
			},
			Transport: new(http.Transport),
			ErrorLog:  errlog,
		},
	}
	go func() { _ = s.http.Serve(listener) }()
	return s, nil
}

var credential = regexp.MustCompile(`Credential=([^/]+)/`)

// accessKeyID returns the id of the key that signed a request, or "".
func accessKeyID(r *http.Request) string {
	if m := credential.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		return m[1]
	}
	return ""
}

func (s *sessions) close() { _ = s.http.Close() }

// sessionDuration is the longest that AWS gives credentials for. On AWS Transfer gets
// new ones while a session lasts.
const sessionDuration = 12 * time.Hour

// openSession assumes a user's role, under the session policy if there is one, and
// returns the session's credentials.
func (s *Server) openSession(ctx context.Context, user *types.DescribedUser) (*ststypes.Credentials, error) {
	input := &sts.AssumeRoleInput{
		RoleArn: user.Role, RoleSessionName: aws.String(s.sessionName(*user.UserName)),
		DurationSeconds: aws.Int32(int32(sessionDuration.Seconds())),
	}
	if policy := sessionPolicy(user); policy != "" {
		input.Policy = &policy
	}
	// Services tell for what they assume a role ("Cross-service confused deputy
	// prevention" in the Transfer user guide).
	assumed, err := s.sts.AssumeRole(ctx, input, sts.WithAPIOptions(smithyhttp.AddHeaderValue("X-Amz-Source-Arn", *user.Arn)))
	if err != nil {
		return nil, fmt.Errorf("assume role: %w", err)
	}
	s.sessions.tokens.Store(*assumed.Credentials.AccessKeyId, *assumed.Credentials.SessionToken)
	return assumed.Credentials, nil
}

// longestSessionName is that of AssumeRole's RoleSessionName, in characters.
const longestSessionName = 64

// sessionName returns user.session-id@server-id, as it is in CloudTrail and in a role's
// aws:userid ("Managing access controls" in the Transfer user guide). It cuts the names of
// users that are too long for AssumeRole, which is not documented.
func (s *Server) sessionName(username string) string {
	id := make([]byte, 8)
	_, _ = rand.Read(id) // never fails
	suffix := "." + hex.EncodeToString(id) + "@" + s.ID
	return username[:min(len(username), longestSessionName-len(suffix))] + suffix
}
