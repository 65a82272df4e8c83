package syncusers

import (
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/digipres/sync-users/infra/construct"
)

// newManagedBucket returns the managed bucket's name. It creates the bucket only if
// the settings say so; usually the bucket exists already, and nothing in the
// CloudFormation stack changes it.
func newManagedBucket(scope constructs.Construct, settings *Settings) *string {
	if !settings.CreateManagedBucket {
		return &settings.ManagedBucket
	}
	return construct.NewEventBucket(scope, "Managed", settings.ManagedBucket, &settings.Common, triggerKey).BucketName()
}
