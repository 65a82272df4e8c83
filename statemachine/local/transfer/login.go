package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	transferapi "github.com/aws/aws-sdk-go-v2/service/transfer"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"
	"golang.org/x/crypto/ssh"
)

// attempt is SFTPGo's question at a login: "External authentication" in its
// documentation. It asks before the client has proven that it has the key.
type attempt struct {
	Username  string `json:"username"`
	PublicKey string `json:"public_key"`
}

// answerLogin answers with the account that SFTPGo gives the client, or with one
// without a name, which refuses the login.
func (s *Server) answerLogin(w http.ResponseWriter, r *http.Request) {
	var try attempt
	if err := json.NewDecoder(r.Body).Decode(&try); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	account, err := s.authenticate(r.Context(), try)
	if err != nil {
		s.errlog.Printf("Transfer refuses the login of %q: %v", try.Username, err)
		account = object{"username": ""}
	}
	_ = json.NewEncoder(w).Encode(account) // A client that left is no error.
}

// errUnknownKey means that a user doesn't have the key that a client offers. Clients
// offer all keys that they have.
var errUnknownKey = errors.New("the public key is none of the user's")

// authenticate returns SFTPGo's account for a user of the server, as Transfer's API has
// it at the moment. A session that begins keeps it until its end, as on AWS.
func (s *Server) authenticate(ctx context.Context, try attempt) (object, error) {
	server, err := s.transfer.DescribeServer(ctx, &transferapi.DescribeServerInput{ServerId: &s.ID})
	if err != nil {
		return nil, err
	}
	if state := server.Server.State; state != types.StateOnline {
		return nil, fmt.Errorf("the server is %s", state)
	}
	described, err := s.transfer.DescribeUser(ctx, &transferapi.DescribeUserInput{ServerId: &s.ID, UserName: &try.Username})
	if err != nil {
		return nil, err
	}
	user := described.User
	if !hasKey(user, try.PublicKey) {
		return nil, errUnknownKey
	}
	credentials, err := s.openSession(ctx, user)
	if err != nil {
		return nil, err
	}
	buckets, err := s.bucketNames(ctx)
	if err != nil {
		return nil, err
	}
	return s.createAccount(ctx, user, storage{s.sessions.URL, credentials}, buckets)
}

// hasKey returns whether a public key, in the format of authorized_keys, is one of a
// user's.
func hasKey(user *types.DescribedUser, offered string) bool {
	wanted, _, _, _, err := ssh.ParseAuthorizedKey([]byte(offered))
	return err == nil && slices.ContainsFunc(user.SshPublicKeys, func(key types.SshPublicKey) bool {
		own, _, _, _, err := ssh.ParseAuthorizedKey([]byte(*key.SshPublicKeyBody))
		return err == nil && string(own.Marshal()) == string(wanted.Marshal())
	})
}

// bucketNames returns the names of all buckets.
func (s *Server) bucketNames(ctx context.Context) (map[string]bool, error) {
	names := map[string]bool{}
	for pages := s3.NewListBucketsPaginator(s.s3, &s3.ListBucketsInput{MaxBuckets: aws.Int32(1000)}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, bucket := range page.Buckets {
			names[*bucket.Name] = true
		}
	}
	return names, nil
}

// splitTarget returns the bucket of a path in Transfer's API, and the key prefix in it,
// which is empty or ends with a slash.
func splitTarget(target string) (bucket, prefix string) {
	bucket, prefix, _ = strings.Cut(strings.Trim(target, "/"), "/")
	if prefix != "" {
		prefix += "/"
	}
	return bucket, prefix
}
