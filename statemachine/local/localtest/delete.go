package localtest

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/snapshot"
	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/fixture"
)

// DeleteFixtures deletes every IAM user and group, the buckets that were created as
// fixtures, every SFTPGo account and folder, and what runs noted of them.
func DeleteFixtures(t testing.TB, cloud *local.Cloud, fixtures *fixture.Set) {
	t.Helper()
	client := iam.NewFromConfig(cloud.AWS())
	work, ctx := errgroup.WithContext(t.Context())
	work.SetLimit(8)
	var groups []types.GroupDetail
	for pages := iam.NewGetAccountAuthorizationDetailsPaginator(client, &iam.GetAccountAuthorizationDetailsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		require.NoError(t, err)
		groups = append(groups, page.GroupDetailList...)
		for _, user := range page.UserDetailList {
			work.Go(func() error { return deleteUser(ctx, cloud, fixtures, user) })
		}
	}
	require.NoError(t, work.Wait())
	for _, group := range groups {
		for _, policy := range group.GroupPolicyList {
			_, err := client.DeleteGroupPolicy(t.Context(), &iam.DeleteGroupPolicyInput{GroupName: group.GroupName, PolicyName: policy.PolicyName})
			require.NoError(t, err)
		}
		_, err := client.DeleteGroup(t.Context(), &iam.DeleteGroupInput{GroupName: group.GroupName})
		require.NoError(t, err)
	}
	clear(fixtures.Groups)
	for _, bucket := range fixtures.Buckets {
		EmptyBucket(t, cloud, bucket)
		_, err := s3.NewFromConfig(cloud.AWS()).DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: &bucket})
		require.NoError(t, err)
	}
	fixtures.Buckets = nil
	deleteSFTPGoRecords(t, fixtures.SFTPGo)
	deleteSnapshot(t, cloud)
}

// deleteSnapshot deletes what runs noted of all accounts, so that their deletion is no
// loss of access.
func deleteSnapshot(t testing.TB, cloud *local.Cloud) {
	t.Helper()
	_, err := s3.NewFromConfig(cloud.AWS()).DeleteObject(t.Context(), &s3.DeleteObjectInput{
		Bucket: &cloud.Outputs.RunsBucketName, Key: aws.String(snapshot.Key),
	})
	if !awsapi.Is(err, "NoSuchBucket") { // There may be no deployment.
		require.NoError(t, err)
	}
}

func deleteUser(ctx context.Context, cloud *local.Cloud, fixtures *fixture.Set, user types.UserDetail) error {
	names := []string{fixture.AccessKeyParameter(*user.UserName), fixture.SecretKeyParameter(*user.UserName)}
	if _, err := ssm.NewFromConfig(cloud.AWS()).DeleteParameters(ctx, &ssm.DeleteParametersInput{Names: names}); err != nil {
		return err
	}
	return fixtures.DeleteUser(ctx, *user.UserName, user.GroupList...)
}

// EmptyBucket deletes every object of a bucket.
func EmptyBucket(t testing.TB, cloud *local.Cloud, bucket string) {
	t.Helper()
	client := s3.NewFromConfig(cloud.AWS())
	for pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: &bucket}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, object := range page.Contents {
			_, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: object.Key})
			require.NoError(t, err)
		}
	}
}

func deleteSFTPGoRecords(t testing.TB, server *fixture.SFTPGo) {
	t.Helper()
	accounts, err := server.Accounts(t.Context())
	require.NoError(t, err)
	folders, err := server.Folders(t.Context())
	require.NoError(t, err)
	var paths []string
	for _, account := range accounts {
		paths = append(paths, "/api/v2/users/"+url.PathEscape(account["username"].(string)))
	}
	for _, folder := range folders {
		paths = append(paths, "/api/v2/folders/"+url.PathEscape(folder["name"].(string)))
	}
	for _, path := range paths {
		require.NoError(t, server.Do(t.Context(), http.MethodDelete, path, nil, nil))
	}
}
