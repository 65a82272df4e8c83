package send

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/statemachine/local"
)

// uploadEvent returns the event of an upload.
func uploadEvent(key string) string {
	return fmt.Sprintf(`{"source":"aws.s3","detail-type":"Object Created","detail":{"bucket":{"name":%q},"object":{"key":%q}}}`,
		local.SourceBucket, local.SourcePrefix+key)
}

// The event of an upload may come twice.
func TestEventTwice(t *testing.T) {
	reset(t)
	withoutEvents(t)
	upload(t, "twice.txt", []byte("x"))
	first := start(t, uploadEvent("twice.txt"))
	requireSucceeded(t, first)
	requireSucceeded(t, start(t, uploadEvent("twice.txt")))
	assert.Equal(t, map[string]string{"twice.txt": "x"}, arrived(t))
	assert.Equal(t, sendfile.Sent, readReport(t, first).Results[0].Outcome)
}

// Of a key that is overwritten while it is being sent, the newer content arrives.
func TestOverwrittenWhileItIsSent(t *testing.T) {
	reset(t)
	slowly(t, 4<<20)
	upload(t, "a", content(t, 12<<20))
	eventually(t, func() bool { return isBeingSent(t) }, "it is being sent")
	upload(t, "a", []byte("newer"))
	eventuallySent(t, map[string]string{"a": "newer"})
	idle(t)
	assert.False(t, isBeingSent(t), "the older one's temporary file is removed")
	assert.Empty(t, mails(t))
}
