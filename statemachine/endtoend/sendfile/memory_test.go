package sendfile_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/rangecopy"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

// maxMemory is what the function may take of a Lambda with 256 MiB.
const maxMemory = 256 << 20

func TestOneGiBInLittleMemory(t *testing.T) {
	t.Parallel()
	const size = 1 << 30
	objects, cfg := newStore(t)
	w := newWorld(t)
	w.cfg, w.copier, w.settings.Verify = cfg, rangecopy.Default, "content"
	objects.put("/"+w.settings.SourceBucket+"/out/large", endless{}, size, "0123456789abcdef0123456789abcdef-128")
	cmd, out := w.start(w.event("out/large"))
	require.NoError(t, cmd.Wait(), out.String())

	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	if runtime.GOOS == "linux" {
		usage <<= 10 // KiB there, and bytes on macOS
	}
	t.Logf("%d MiB of memory", usage>>20)
	assert.Less(t, usage, int64(maxMemory))
	var result sendfile.Result
	require.NoError(t, json.NewDecoder(bytes.NewReader(out.Bytes())).Decode(&result))
	assert.Equal(t, sendfile.Sent, result.Outcome)
	want := sha256.New()
	_, _ = io.Copy(want, io.NewSectionReader(endless{}, 0, size))
	assert.Equal(t, fmt.Sprintf("%x", want.Sum(nil)), result.SHA256)
	file, err := os.Open(filepath.Join(w.home, "in", "large"))
	require.NoError(t, err)
	defer file.Close()
	got := sha256.New()
	n, err := io.Copy(got, file)
	require.NoError(t, err)
	assert.EqualValues(t, size, n)
	assert.Equal(t, want.Sum(nil), got.Sum(nil), "byte for byte")
}
