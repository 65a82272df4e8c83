// Package deployment tests that the stack is deployed, changed, updated and
// destroyed as an operator does it, in an account that has resources of others.
package deployment

import (
	"context"
	"testing"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/fixture"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// The tests share one account. Each deploys the stack and destroys it.
var (
	cloud    *local.Cloud
	fixtures *fixture.Set
)

func TestMain(m *testing.M) {
	localtest.Main(m, local.Config{Name: "deployment", SkipDeploy: true}, func(_ context.Context, c *local.Cloud) error {
		cloud, fixtures = c, localtest.Fixtures(c)
		return nil
	})
}
