package lambda

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// session is how long a role's credentials last, the most that a role allows
// by itself.
const session = time.Hour

// assumeRole is the part of STS that gives a role's credentials.
type assumeRole interface {
	AssumeRole(context.Context, *sts.AssumeRoleInput, ...func(*sts.Options)) (*sts.AssumeRoleOutput, error)
}

// roles gives functions the credentials of their roles, and remembers whom it
// gave which.
type roles struct {
	sts assumeRole

	mu      sync.Mutex
	current map[string]*types.Credentials // by function and role
	holders map[string]string             // function by access key id
}

func newRoles(sts assumeRole) *roles {
	return &roles{sts: sts, current: map[string]*types.Credentials{}, holders: map[string]string{}}
}

// credentials returns credentials that are good for half a session at least.
func (r *roles) credentials(ctx context.Context, fn *function) (*types.Credentials, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := fn.name + " " + fn.role
	if c := r.current[key]; c != nil && time.Until(aws.ToTime(c.Expiration)) > session/2 {
		return c, nil
	}
	answer, err := r.sts.AssumeRole(ctx, &sts.AssumeRoleInput{
		RoleArn:         &fn.role,
		RoleSessionName: &fn.name,
		DurationSeconds: aws.Int32(int32(session.Seconds())),
	})
	if err != nil {
		return nil, fmt.Errorf("assume %s: %w", fn.role, err)
	}
	r.current[key] = answer.Credentials
	r.holders[aws.ToString(answer.Credentials.AccessKeyId)] = fn.name
	return answer.Credentials, nil
}

// holder returns the function that was given an access key, or "".
func (r *roles) holder(accessKeyID string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.holders[accessKeyID]
}
