package bytesize_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/bytesize"
)

func TestFormat(t *testing.T) {
	t.Parallel()
	for give, want := range map[int64]string{
		0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 1536: "1.5 KiB", 99*1024 + 980: "100 KiB", 1023 * 1024: "1023 KiB",
		1024*1024 - 1: "1.0 MiB", 100 << 20: "100 MiB", 1 << 30: "1.0 GiB", 5 << 40: "5.0 TiB", math.MaxInt64: "8.0 EiB",
	} {
		assert.Equal(t, want, bytesize.Format(give), give)
	}
}
