// Package send tests the deployed send-files in the laptop cloud: it uploads objects and
// starts runs as an operator does, and looks at the partner's files.
package send

import (
	"context"
	"testing"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// The tests share one cloud and run one after the other, since a run is about all objects.
var cloud *local.Cloud

func TestMain(m *testing.M) {
	localtest.Main(m, local.Config{Name: "endtoend-send", Systems: []string{local.SendFiles}}, func(_ context.Context, c *local.Cloud) error {
		cloud = c
		return nil
	})
}
