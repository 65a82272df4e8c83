// Package transfer tests logins to AWS Transfer Family and the deployed workflow that
// keeps its users in sync, in the laptop cloud.
package transfer

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/fixture"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// The tests of runs come first, one after the other, since a run is about all IAM users
// of the account. Those of logins follow in parallel.
var (
	cloud *local.Cloud
	// users are those of the Transfer server, and members the IAM users.
	users   *fixture.Transfer
	members *fixture.Set
)

func TestMain(m *testing.M) {
	config := local.Config{Name: "endtoend-transfer", Systems: []string{local.SyncTransferUsers}}
	localtest.Main(m, config, func(ctx context.Context, c *local.Cloud) error {
		cloud, users = c, fixture.NewTransfer(c.AWS(), c.TransferServerID, c.TransferSFTPPort)
		members = fixture.New(c.AWS(), nil)
		return createStacks(ctx)
	})
}

// createStacks creates the buckets of two stacks, one of them in another region, and
// others that nobody may see.
func createStacks(ctx context.Context) error {
	if err := members.CreateBuckets(ctx, "digipres-dev1-data", "digipres-dev1-data-repl", "digipres-dev1-managed", "digipres-prod-archive", "digipres-prod-managed", website); err != nil {
		return err
	}
	_, err := s3.NewFromConfig(cloud.AWS()).CreateBucket(ctx, &s3.CreateBucketInput{
		Bucket:                    aws.String("digipres-dev1-europe"),
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraintEuWest1},
	})
	return err
}
