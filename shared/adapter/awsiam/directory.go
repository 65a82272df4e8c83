// Package awsiam reads memberships from AWS IAM.
package awsiam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// emailTag is the tag that names a user's SFTPGo account.
const emailTag = "Email"

// pageSize is the most that GetAccountAuthorizationDetails gives at once
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html).
const pageSize = 1000

// Directory reads all users of an account with their tags and groups, in one
// call for every thousand of them.
type Directory struct {
	client iam.GetAccountAuthorizationDetailsAPIClient
}

var _ discover.UserDirectory = Directory{}

// NewDirectory reads the account that the configuration belongs to.
func NewDirectory(cfg aws.Config) Directory {
	return Directory{client: iam.NewFromConfig(cfg)}
}

// IAMUsers gives every IAM user, or an error if any page of them could not be
// read; where IAM breaks off, it is IncompleteReading.
func (d Directory) IAMUsers(ctx context.Context) ([]discover.IAMUser, error) {
	pages := iam.NewGetAccountAuthorizationDetailsPaginator(d.client, &iam.GetAccountAuthorizationDetailsInput{
		Filter:   []types.EntityType{types.EntityTypeUser},
		MaxItems: aws.Int32(pageSize),
	})
	var members []discover.IAMUser
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, awsapi.Classify(err)
		}
		for _, user := range page.UserDetailList {
			members = append(members, member(user))
		}
		if page.IsTruncated && !pages.HasMorePages() {
			return nil, errkind.Errorf(errkind.IncompleteReading,
				"IAM says that there are more than %d users, but not where they go on", len(members))
		}
	}
	return members, nil
}

func member(user types.UserDetail) discover.IAMUser {
	m := discover.IAMUser{Username: aws.ToString(user.UserName), Groups: user.GroupList}
	for _, tag := range user.Tags {
		if aws.ToString(tag.Key) == emailTag {
			m.Email = aws.ToString(tag.Value)
		}
	}
	return m
}
