// Package fetch tests the deployed fetch-files in the laptop cloud: it puts files onto the
// partner's real server, starts runs as an operator does, and looks at the bucket.
package fetch

import (
	"context"
	"testing"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// The tests share one cloud and run one after the other, since a run is about all files.
var cloud *local.Cloud

func TestMain(m *testing.M) {
	localtest.Main(m, local.Config{Name: "endtoend-fetch", Systems: []string{local.FetchFiles}}, func(_ context.Context, c *local.Cloud) error {
		cloud = c
		return nil
	})
}
