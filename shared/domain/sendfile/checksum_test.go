package sendfile

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// The checksums of "123456789" are those of the algorithms' specifications.
func TestDigestComputesTheObjectsChecksum(t *testing.T) {
	t.Parallel()
	const content = "123456789"
	tests := []struct {
		algorithm Algorithm
		want      string // in hexadecimal
	}{
		{"", ""},
		{SHA256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"},
		{SHA1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441"},
		{MD5, "25f9e794323b453885f5181f1b624d0b"},
		{CRC32, "cbf43926"},
		{CRC32C, "e3069283"},
		{CRC64NVME, "ae8b14860a799888"},
	}
	for _, tt := range tests {
		t.Run(string(tt.algorithm), func(t *testing.T) {
			t.Parallel()
			var value []byte
			_, err := fmt.Sscanf(tt.want, "%x", &value)
			require.True(t, err == nil || tt.want == "")
			object := Object{Bucket: "b", Key: "k", Checksum: Checksum{Algorithm: tt.algorithm, Value: value}}
			first, err := newDigest(tt.algorithm, nil)
			require.NoError(t, err)
			_, _ = first.Write([]byte(content[:4]))
			state, err := first.MarshalBinary()
			require.NoError(t, err)
			_, _ = first.Write([]byte("more"))

			second, err := newDigest(tt.algorithm, state)
			require.NoError(t, err)
			_, _ = second.Write([]byte(content[4:]))

			assert.NoError(t, second.check(object))
			assert.Equal(t, fmt.Sprintf("%x", sha256.Sum256([]byte(content))), second.hex())
			if tt.algorithm != "" {
				err := first.check(object)
				assert.Equal(t, errkind.ContentMismatch, errkind.Of(err))
				assert.ErrorContains(t, err, "s3://b/k")
			}
		})
	}
}

func TestProgressThatDoesNotParse(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"", "x", `{"sha256":"AAAA"}`, `{"sha256":"` + base64.StdEncoding.EncodeToString([]byte("sha\x03")) + `"}`} {
		_, err := newDigest(MD5, []byte(state))
		assert.Error(t, err, state)
	}
}
