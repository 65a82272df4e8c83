package maprun_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/maprun"
)

func TestReason(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, giveError, giveCause, want string
	}{
		{"a Lambda's error", "KeysMissing", `{"errorMessage":"no key\nat all","errorType":"KeysMissing"}`, "no key; at all"},
		{"plain text", "States.Runtime", "no\tsuch  path", "no such path"},
		{"timeout", "States.Timeout", "", "took longer than its time limit"},
		{"no cause", "X", "", "no reason was given"},
		{"long text, cut between characters", "X", "x" + strings.Repeat("ü", 200), "x" + strings.Repeat("ü", 149) + "…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, maprun.Reason(tt.giveError, tt.giveCause))
		})
	}
}
