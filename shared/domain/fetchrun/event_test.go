package fetchrun_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/fetchrun"
)

// Events may come twice, and about what nobody asked for.
func TestEventsAreRecorded(t *testing.T) {
	t.Parallel()
	const listing = `{"detail-type":"SFTP Connector Directory Listing Failed","detail":{"listing-id":"l-1","status-code":"FAILED","failure-code":"X","failure-message":"no"}}`
	s := new(store)
	for _, text := range []string{
		listing, listing,
		`{"detail-type":"SFTP Connector Remote Move Completed","detail":{"move-id":"m-1","status-code":"COMPLETED"}}`,
		`{"detail-type":"SFTP Connector Remote Delete Failed","detail":{"delete-id":"d-1"}}`,
		`{"detail-type":"SFTP Connector File Retrieve Completed","detail":{"transfer-id":"t-1","file-transfer-id":"t-1/0","status-code":"COMPLETED"}}`,
		`{"detail-type":"Another","detail":{"listing-id":"../../locks/all"}}`,
	} {
		var event fetchrun.RuleEvent
		require.NoError(t, json.Unmarshal([]byte(text), &event))
		_, err := fetchrun.EventFunction{Store: s}.Handle(t.Context(), event)
		require.NoError(t, err)
	}
	want := map[string]bool{"l-1": true, "m-1": false, "d-1": true}
	assert.Len(t, s.objects, len(want))
	for id, failed := range want {
		var told fetchrun.Event
		found, err := s.LoadIfExists(t.Context(), fetchrun.EventKey(id), &told)
		require.NoError(t, err)
		assert.True(t, found, id)
		assert.Equal(t, failed, told.Failed(), id)
	}
}
