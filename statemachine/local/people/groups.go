package people

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/digipres/sync-users/shared/domain/stack"
)

// Join puts an IAM user into a group, and makes the group where there is none.
func (t *Town) Join(ctx context.Context, username, group string) error {
	if err := t.makeGroup(ctx, group); err != nil {
		return err
	}
	if _, err := t.iam.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: &username, GroupName: &group}); err != nil {
		return fmt.Errorf("put %s into group %s: %w", username, group, err)
	}
	return nil
}

// makeGroup makes a group unless there is one. A stack's group lets its members
// at the stack's buckets, as the groups of a real account do: SFTPGo comes with
// the person's own keys. One at a time, because moto makes a group twice for
// two who ask at once.
func (t *Town) makeGroup(ctx context.Context, group string) error {
	t.groups.Lock()
	defer t.groups.Unlock()
	_, err := t.iam.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: &group})
	var exists *iamtypes.EntityAlreadyExistsException
	if errors.As(err, &exists) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("make group %s: %w", group, err)
	}
	name, ok := stack.OfGroup(group)
	if !ok {
		return nil
	}
	policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*",`+
		`"Resource":["arn:aws:s3:::%[1]s-*","arn:aws:s3:::%[1]s-*/*"]}]}`, name)
	_, err = t.iam.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{
		GroupName: &group, PolicyName: aws.String("stack-buckets"), PolicyDocument: &policy,
	})
	if err != nil {
		return fmt.Errorf("let group %s at its buckets: %w", group, err)
	}
	return nil
}

// Leave takes an IAM user out of a group.
func (t *Town) Leave(ctx context.Context, username, group string) error {
	_, err := t.iam.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{UserName: &username, GroupName: &group})
	if err != nil {
		return fmt.Errorf("take %s out of group %s: %w", username, group, err)
	}
	return nil
}

func (t *Town) dropGroups(ctx context.Context) error {
	for pages := iam.NewListGroupsPaginator(t.iam, &iam.ListGroupsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, group := range page.Groups {
			policies, err := t.iam.ListGroupPolicies(ctx, &iam.ListGroupPoliciesInput{GroupName: group.GroupName})
			if err != nil {
				return err
			}
			for _, policy := range policies.PolicyNames {
				if _, err := t.iam.DeleteGroupPolicy(ctx, &iam.DeleteGroupPolicyInput{GroupName: group.GroupName, PolicyName: &policy}); err != nil {
					return err
				}
			}
			if _, err := t.iam.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: group.GroupName}); err != nil {
				return err
			}
		}
	}
	return nil
}
