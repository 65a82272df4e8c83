package sendfile_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/sendfile"
)

// server counts how often it is connected and closed.
type server struct{ connects, closes int }

var _ sendfile.Server = (*server)(nil)

func (s *server) Connect(context.Context) error { s.connects++; return nil }
func (s *server) Address() string               { return "partner:22" }
func (s *server) Close()                        { s.closes++ }

// The connection stays for the next object of a run, and is closed after those that none follows.
func TestConnectionIsClosedAfterTheLastObjects(t *testing.T) {
	t.Parallel()
	skipped := sendfile.Object{Bucket: "outgoing", Key: "out/folder/"}
	tests := []struct {
		name string
		give sendfile.Event
		want server
	}{
		{"the check of the server", sendfile.Event{Check: true}, server{1, 1}},
		{"the first of many", sendfile.Event{Object: skipped, Index: 0, Count: 100, MaxConnections: 10}, server{0, 0}},
		{"the last after which one waits", sendfile.Event{Object: skipped, Index: 89, Count: 100, MaxConnections: 10}, server{0, 0}},
		{"the first of the last ten", sendfile.Event{Object: skipped, Index: 90, Count: 100, MaxConnections: 10}, server{0, 1}},
		{"the last", sendfile.Event{Object: skipped, Index: 99, Count: 100, MaxConnections: 10}, server{0, 1}},
		{"the only one", sendfile.Event{Object: skipped, Index: 0, Count: 1, MaxConnections: 10}, server{0, 1}},
		{"of a run that began before there were counts", sendfile.Event{Object: skipped}, server{0, 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			options, err := sendfile.NewOptions(sendfile.Config{Prefix: "out/", Name: "{key}", After: "keep", Existing: "replace", Verify: "size"})
			require.NoError(t, err)
			got := new(server)
			result, err := sendfile.Function{Sender: sendfile.Sender{Options: options, Server: got}}.Handle(t.Context(), tt.give)
			require.NoError(t, err)
			assert.True(t, result.Done)
			assert.Equal(t, tt.want, *got)
		})
	}
}
