// Package deployment deploys, changes, updates and destroys the stack as an
// operator does, in an account on the laptop that belongs to others too.
package deployment

import (
	"context"
	"testing"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/localtest"
	"github.com/digipres/sync-users/statemachine/local/people"
)

// The tests share one account. It has no stack until a test deploys it, and none
// afterwards.
var (
	cloud *local.Cloud
	town  *people.Town
)

func TestMain(m *testing.M) {
	localtest.Main(m, local.Config{Name: "deployment", Undeployed: true}, func(_ context.Context, c *local.Cloud) error {
		cloud, town = c, localtest.Town(c)
		return nil
	})
}
