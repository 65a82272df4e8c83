package endtoend

import (
	"context"
	"net/http"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/digipres/sync-users/statemachine/local/fixture"
)

// original makes the calls of the program that sync-users replaces, one after another: for
// each user two of IAM, two of Parameter Store, one that reads the account, two for each
// bucket, and one that writes the account, each time.
type original struct {
	iam    *iam.Client
	ssm    *ssm.Client
	sftpgo *fixture.SFTPGo
}

func newOriginal(cfg aws.Config, endpoint string) original {
	cfg.BaseEndpoint = &endpoint
	return original{
		iam.NewFromConfig(cfg), ssm.NewFromConfig(cfg),
		fixture.NewSFTPGo(cloud.SFTPGoURL, cloud.SFTPGoUsername, cloud.SFTPGoPassword),
	}
}

func (o original) sync(ctx context.Context, users []fixture.User) error {
	for _, user := range users {
		if err := o.syncUser(ctx, user); err != nil {
			return err
		}
	}
	return nil
}

func (o original) syncUser(ctx context.Context, user fixture.User) error {
	if _, err := o.iam.ListUserTags(ctx, &iam.ListUserTagsInput{UserName: &user.Username}); err != nil {
		return err
	}
	if _, err := o.iam.ListGroupsForUser(ctx, &iam.ListGroupsForUserInput{UserName: &user.Username}); err != nil {
		return err
	}
	for _, prefix := range []string{"/iam/access_key/", "/iam/secret_key/"} {
		name := prefix + user.Username
		if _, err := o.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: &name, WithDecryption: aws.Bool(true)}); err != nil {
			return err
		}
	}
	account, _, err := o.sftpgo.Account(ctx, user.Email)
	if err != nil {
		return err
	}
	folders, _ := account["virtual_folders"].([]any)
	for _, value := range folders {
		path := "/api/v2/folders/" + url.PathEscape(value.(fixture.Document)["name"].(string))
		var folder fixture.Document
		if err := o.sftpgo.Do(ctx, http.MethodGet, path, nil, &folder); err != nil {
			return err
		}
		if err := o.sftpgo.Do(ctx, http.MethodPut, path, folder, nil); err != nil {
			return err
		}
	}
	return o.sftpgo.Do(ctx, http.MethodPut, "/api/v2/users/"+url.PathEscape(user.Email), account, nil)
}
