// Package faults tests that runs do no harm while servers and connections fail at
// random: over changing memberships, nobody gets or keeps what they must not have,
// nobody loses what they may keep, no success is reported that is none, and one run
// without faults sets everything right.
package faults

import (
	"context"
	"flag"
	"testing"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/fixture"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

var (
	cloud    *local.Cloud
	fixtures *fixture.Set
)

var (
	seeds  = flag.String("faults.seeds", "1", "the seeds, separated by commas")
	rounds = flag.Int("faults.rounds", 2, "how many rounds each seed has")
	share  = flag.Float64("faults.share", 0.1, "the share of requests that go wrong")
)

func TestMain(m *testing.M) {
	localtest.Main(m, local.Config{Name: "faults", RetrySpeed: 1}, func(_ context.Context, c *local.Cloud) error {
		cloud, fixtures = c, localtest.Fixtures(c)
		return nil
	})
}
