package lambda

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
)

// session is how long a role's credentials last: the most that a role allows
// unless it is configured otherwise.
const session = time.Hour

// roles gives functions the credentials of their roles, and knows which access
// key belongs to which function.
type roles struct {
	sts stscreds.AssumeRoleAPIClient

	mu        sync.Mutex
	providers map[[2]string]aws.CredentialsProvider // by function and role
	functions map[string]string                     // by access key id
}

func newRoles(sts stscreds.AssumeRoleAPIClient) *roles {
	return &roles{sts: sts, providers: map[[2]string]aws.CredentialsProvider{}, functions: map[string]string{}}
}

// credentials returns credentials that are valid for half a session at least.
func (r *roles) credentials(ctx context.Context, fn *function) (aws.Credentials, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := [2]string{fn.name, fn.role}
	if r.providers[key] == nil {
		r.providers[key] = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(r.sts, fn.role, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName, o.Duration = fn.name, session
		}), func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = session / 2 })
	}
	credentials, err := r.providers[key].Retrieve(ctx)
	if err != nil {
		return aws.Credentials{}, fmt.Errorf("assume %s: %w", fn.role, err)
	}
	r.functions[credentials.AccessKeyID] = fn.name
	return credentials, nil
}

// function returns the function to which an access key belongs, or "".
func (r *roles) function(accessKeyID string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.functions[accessKeyID]
}
