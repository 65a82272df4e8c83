// Package transfer tests logins to AWS Transfer Family and the deployed workflow that
// keeps its users in sync, in the laptop cloud.
package transfer

import (
	"context"
	"testing"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/fixture"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

var (
	cloud *local.Cloud
	users *fixture.Transfer
)

func TestMain(m *testing.M) {
	localtest.Main(m, local.Config{Name: "endtoend-transfer", SkipDeploy: true}, func(ctx context.Context, c *local.Cloud) error {
		if err := c.StartTransfer(ctx); err != nil {
			return err
		}
		cloud, users = c, fixture.NewTransfer(c.AWS(), c.TransferServerID, c.TransferSFTPPort)
		return nil
	})
}
