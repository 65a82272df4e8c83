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

// fakeManagedBucket is a managed bucket, which may notify EventBridge of uploads.
type fakeManagedBucket struct {
	*fakeS3
	eventBridge bool
}

var _ triggerClient = fakeManagedBucket{}

func (f fakeManagedBucket) GetBucketNotificationConfiguration(context.Context, *s3.GetBucketNotificationConfigurationInput, ...func(*s3.Options)) (*s3.GetBucketNotificationConfigurationOutput, error) {
	output := &s3.GetBucketNotificationConfigurationOutput{}
	if f.eventBridge {
		output.EventBridgeConfiguration = &types.EventBridgeConfiguration{}
	}
	return output, f.countCall("GetBucketNotificationConfiguration")
}

func TestTriggerIsUploadedAndChecked(t *testing.T) {
	t.Parallel()
	want := run.Object{Bucket: "digipres-dev1-managed", Key: "sync-users/TRIGGER"}
	store := newFakeS3()
	trigger := Trigger{client: fakeManagedBucket{fakeS3: store, eventBridge: true}, object: want}
	object, err := trigger.Upload(t.Context())
	assert.NoError(t, err)
	assert.Equal(t, want, object)
	assert.Contains(t, store.objects, "digipres-dev1-managed/sync-users/TRIGGER")
	assert.NoError(t, trigger.EventBridgeEnabled(t.Context()))

	store.errors["PutObject2"] = apiError("AccessDenied")
	_, err = trigger.Upload(t.Context())
	assert.Equal(t, errkind.AccessDenied, errkind.Of(err))

	err = Trigger{client: fakeManagedBucket{fakeS3: store}, object: want}.EventBridgeEnabled(t.Context())
	assert.Equal(t, errkind.Misconfigured, errkind.Of(err))

	store.errors["GetBucketNotificationConfiguration3"] = apiError("PermanentRedirect")
	err = trigger.EventBridgeEnabled(t.Context())
	assert.Equal(t, errkind.Misconfigured, errkind.Of(err))
	assert.ErrorContains(t, err, "in another region")
}
