package awsiam

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/transfer"
)

// olderSessions is the name of the inline policy that denies older sessions. There is one
// for each role, so that it does not grow.
const olderSessions = "sync-users-older-sessions"

// RoleSessions ends the sessions of roles.
type RoleSessions struct {
	client rolePolicyClient
	now    func() time.Time
}

type rolePolicyClient interface {
	PutRolePolicy(context.Context, *iam.PutRolePolicyInput, ...func(*iam.Options)) (*iam.PutRolePolicyOutput, error)
}

var _ transfer.Sessions = RoleSessions{}

// NewRoleSessions makes a RoleSessions for the AWS account of the configuration. It does
// not repeat calls, because a late one would take the time back to which another, newer
// one has set it; who calls it repeats it with the time that it is then.
func NewRoleSessions(cfg aws.Config) RoleSessions {
	client := iam.NewFromConfig(cfg, func(o *iam.Options) { o.Retryer = aws.NopRetryer{} })
	return RoleSessions{client: client, now: time.Now}
}

// EndSessions implements transfer.Sessions as the IAM console revokes sessions
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html). The
// time is one to two seconds ahead, because that of a session may be cut to whole
// seconds, and clocks differ; who logs in within them has to do it again.
func (r RoleSessions) EndSessions(ctx context.Context, role string) error {
	before := r.now().UTC().Truncate(time.Second).Add(2 * time.Second)
	name := role[strings.LastIndex(role, "/")+1:]
	document, err := json.Marshal(map[string]any{
		"Version": "2012-10-17",
		"Statement": []map[string]any{{
			"Effect": "Deny", "Action": []string{"*"}, "Resource": []string{"*"},
			"Condition": map[string]any{"DateLessThan": map[string]any{"aws:TokenIssueTime": before.Format(time.RFC3339)}},
		}},
	})
	if err != nil {
		return err
	}
	_, err = r.client.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: &name, PolicyName: aws.String(olderSessions), PolicyDocument: aws.String(string(document)),
	})
	var missing *types.NoSuchEntityException
	switch classified := awsapi.Classify(err); {
	case err == nil:
		return nil
	case errors.As(err, &missing):
		return errkind.Errorf(errkind.Misconfigured, "the role %s does not exist; give the Transfer user one that does: %w", role, classified)
	case awsapi.Is(err, "ConcurrentModification", "ConcurrentModificationException", "ServiceFailure"):
		return errkind.Errorf(errkind.Unavailable, "%w", classified)
	case awsapi.Is(err, "UnmodifiableEntity", "UnmodifiableEntityException", "LimitExceeded", "LimitExceededException"):
		return errkind.Errorf(errkind.Misconfigured, "the role %s can't have the inline policy %s; make room for it, or set endSessions to false: %w", role, olderSessions, classified)
	case errkind.Of(classified) == errkind.AccessDenied:
		return fmt.Errorf("this needs iam:PutRolePolicy on the role %s, or endSessions set to false: %w", role, classified)
	default:
		return classified
	}
}
