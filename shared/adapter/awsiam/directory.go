// Package awsiam reads users, their groups and their access keys from AWS IAM.
package awsiam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

// pageSize is the largest that GetAccountAuthorizationDetails allows
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html).
const pageSize = 1000

// Directory lists the IAM users of an AWS account with their tags and groups, in one
// call for every thousand users.
type Directory struct {
	client iam.GetAccountAuthorizationDetailsAPIClient
	// accountTag is the tag that names a user's account.
	accountTag string
}

var _ discover.UserDirectory = Directory{}

// NewDirectory makes a Directory for the AWS account of the configuration. The tag of that
// name, such as Email, names a user's account on the SFTP server.
func NewDirectory(cfg aws.Config, accountTag string) Directory {
	return Directory{client: iam.NewFromConfig(cfg), accountTag: accountTag}
}

// IAMUsers returns every IAM user, or an error if any page of them can't be read. It
// returns IncompleteReading if IAM says that there are more, but not where.
func (d Directory) IAMUsers(ctx context.Context) ([]discover.IAMUser, error) {
	pages := iam.NewGetAccountAuthorizationDetailsPaginator(d.client, &iam.GetAccountAuthorizationDetailsInput{
		Filter:   []types.EntityType{types.EntityTypeUser},
		MaxItems: aws.Int32(pageSize),
	})
	var users []discover.IAMUser
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, awsapi.Classify(err)
		}
		for _, user := range page.UserDetailList {
			users = append(users, d.newIAMUser(user))
		}
		if page.IsTruncated && !pages.HasMorePages() {
			return nil, errkind.Errorf(errkind.IncompleteReading,
				"IAM says that there are more than %d users, but gives no marker for the next page", len(users))
		}
	}
	return users, nil
}

func (d Directory) newIAMUser(detail types.UserDetail) discover.IAMUser {
	user := discover.IAMUser{Username: aws.ToString(detail.UserName), Groups: detail.GroupList}
	if d.accountTag != run.EmailTag {
		user.AccountTag = d.accountTag
	}
	for _, tag := range detail.Tags {
		if aws.ToString(tag.Key) == d.accountTag {
			user.Email = aws.ToString(tag.Value)
		}
	}
	return user
}
