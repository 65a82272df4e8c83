package awss3

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

// fakeManaged is a managed bucket, which may tell EventBridge of uploads.
type fakeManaged struct {
	*fakeStore
	tells bool
}

var _ triggerClient = fakeManaged{}

func (f fakeManaged) GetBucketNotificationConfiguration(context.Context, *s3.GetBucketNotificationConfigurationInput, ...func(*s3.Options)) (*s3.GetBucketNotificationConfigurationOutput, error) {
	output := &s3.GetBucketNotificationConfigurationOutput{}
	if f.tells {
		output.EventBridgeConfiguration = &types.EventBridgeConfiguration{}
	}
	return output, f.called("GetBucketNotificationConfiguration")
}

func TestTrigger(t *testing.T) {
	t.Parallel()
	want := run.Object{Bucket: "digipres-dev1-managed", Key: "sync-users/TRIGGER"}
	store := newFakeStore()
	trigger := Trigger{client: fakeManaged{fakeStore: store, tells: true}, object: want}
	object, err := trigger.Upload(t.Context())
	assert.NoError(t, err)
	assert.Equal(t, want, object)
	assert.Contains(t, store.objects, "digipres-dev1-managed/sync-users/TRIGGER")
	assert.NoError(t, trigger.EventBridgeEnabled(t.Context()))

	store.refuse["PutObject2"] = answer("AccessDenied")
	_, err = trigger.Upload(t.Context())
	assert.Equal(t, errkind.AccessDenied, errkind.Of(err))

	err = Trigger{client: fakeManaged{fakeStore: store}, object: want}.EventBridgeEnabled(t.Context())
	assert.Equal(t, errkind.Misconfigured, errkind.Of(err))
}
