package view

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/functions/cli/finding"
	"github.com/digipres/sync-users/shared/domain/access"
	"github.com/digipres/sync-users/shared/domain/explain"
)

func TestKeyFindings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		give access.KeyStatus
		want string
	}{
		{access.KeyInactive, "…ABCD is inactive"},
		{access.KeyOfOtherUser, "the IAM user has no such access key"},
	}
	for _, tt := range tests {
		t.Run(string(tt.give), func(t *testing.T) {
			t.Parallel()
			var l finding.List
			addKeys(&l, explain.Keys{Stored: true, AccessKey: "…ABCD", Status: tt.give})
			assert.Equal(t, finding.Failed, l.Findings[1].Status)
			assert.Equal(t, tt.want, l.Findings[1].Detail)
			assert.NotEmpty(t, l.Findings[1].Hint)
		})
	}
}
