package sendfiles

import (
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/digipres/sync-users/infra/construct"
)

// newSourceBucket creates the source bucket if the settings ask for it, and returns its
// name.
func newSourceBucket(scope constructs.Construct, settings *Settings) *string {
	if !settings.CreateSourceBucket {
		return &settings.SourceBucket
	}
	return construct.NewEventBucket(scope, "Source", settings.SourceBucket, &settings.Common, "").BucketName()
}
