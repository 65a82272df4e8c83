package people

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"
)

// atOnce is how many people come or leave at the same time.
const atOnce = 8

// AddAll makes many people, several at a time.
func (t *Town) AddAll(ctx context.Context, persons ...Person) error {
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(atOnce)
	for _, p := range persons {
		work.Go(func() error { return t.Add(ctx, p) })
	}
	return work.Wait()
}

// dropUsers deletes every IAM user, with what hangs on each.
func (t *Town) dropUsers(ctx context.Context) error {
	var usernames []string
	for pages := iam.NewListUsersPaginator(t.iam, &iam.ListUsersInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, user := range page.Users {
			usernames = append(usernames, *user.UserName)
		}
	}
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(atOnce)
	for _, username := range usernames {
		work.Go(func() error { return t.dropUser(ctx, username) })
	}
	return work.Wait()
}

func (t *Town) dropUser(ctx context.Context, username string) error {
	groups, err := t.iam.ListGroupsForUser(ctx, &iam.ListGroupsForUserInput{UserName: &username})
	if err != nil {
		return err
	}
	for _, group := range groups.Groups {
		if err := t.Leave(ctx, username, *group.GroupName); err != nil {
			return err
		}
	}
	if err := t.dropAccessKeys(ctx, username); err != nil {
		return err
	}
	if err := t.DropKeys(ctx, username); err != nil {
		return err
	}
	_, err = t.iam.DeleteUser(ctx, &iam.DeleteUserInput{UserName: &username})
	return err
}

func (t *Town) dropAccessKeys(ctx context.Context, username string) error {
	keys, err := t.iam.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: &username})
	if err != nil {
		return err
	}
	for _, key := range keys.AccessKeyMetadata {
		if _, err := t.iam.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: &username, AccessKeyId: key.AccessKeyId}); err != nil {
			return err
		}
	}
	return nil
}

func (t *Town) dropBuckets(ctx context.Context) error {
	for _, bucket := range t.buckets {
		if err := t.Clear(ctx, bucket); err != nil {
			return err
		}
		if _, err := t.s3.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &bucket}); err != nil {
			return err
		}
	}
	t.buckets = nil
	return nil
}

// Clear deletes every object of a bucket.
func (t *Town) Clear(ctx context.Context, bucket string) error {
	for pages := s3.NewListObjectsV2Paginator(t.s3, &s3.ListObjectsV2Input{Bucket: &bucket}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, object := range page.Contents {
			if _, err := t.s3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: object.Key}); err != nil {
				return err
			}
		}
	}
	return nil
}
