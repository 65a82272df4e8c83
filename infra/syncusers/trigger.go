package syncusers

import "github.com/digipres/sync-users/infra/construct"

const (
	// triggerKey is the one key of the managed bucket whose upload starts a run.
	triggerKey  = "sync-users/TRIGGER"
	triggerRule = "trigger"
)

// trigger starts a run when TRIGGER is uploaded to the managed bucket.
func (s *Settings) trigger() *construct.StartRuleProps {
	return &construct.StartRuleProps{
		Name:        triggerRule,
		Description: "Starts a run when " + triggerKey + " is uploaded to " + s.ManagedBucket,
		EventPattern: map[string]any{
			"source":      []string{"aws.s3"},
			"detail-type": []string{"Object Created"},
			"detail": map[string]any{
				"bucket": map[string]any{"name": []string{s.ManagedBucket}},
				"object": map[string]any{"key": []string{triggerKey}},
			},
		},
	}
}
