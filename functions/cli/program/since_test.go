package program

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSince(t *testing.T) {
	t.Parallel()
	// The clock of a bubble begins at this time.
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for give, want := range map[string]time.Time{
		"7d": now.AddDate(0, 0, -7), "0d": now, "12h": now.Add(-12 * time.Hour), "1h30m": now.Add(-90 * time.Minute),
		"99999d": now.AddDate(0, 0, -99999), "1999-12-24": time.Date(1999, 12, 24, 0, 0, 0, 0, time.Local),
	} {
		synctest.Test(t, func(t *testing.T) {
			var s Since
			require.NoError(t, s.Set(give))
			assert.True(t, want.Equal(s.Time), "%s is %v", give, s.Time)
			assert.Equal(t, give, s.String())
		})
	}
	for _, give := range []string{"", "7", "7 d", "-7d", "-1h", "999999d", "yesterday", "2026-13-01", "24.12.2026"} {
		assert.ErrorContains(t, new(Since).Set(give), "such as 7d or 12h", give)
	}
}
