package sendfile_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/statemachine/local/largestore"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// memory is that of the Lambda, in MiB.
const memory = 256

// The function itself sends 1 GiB in the memory that it is given, and reads it back.
func TestOneGiBInLittleMemory(t *testing.T) {
	t.Parallel()
	const size = 1 << 30
	objects, cfg := largestore.Serve(t)
	w := newWorld(t)
	w.cfg, w.settings.Verify = cfg, "content"
	objects.Put("/"+w.settings.SourceBucket+"/out/large", largestore.Endless{}, size, "0123456789abcdef0123456789abcdef-128")

	result, used := w.invokeFunction(w.event("out/large"))

	t.Logf("%d MiB of memory, %.1f s", used>>20, result.Seconds)
	assert.Less(t, used, int64(memory<<20))
	assert.Equal(t, sendfile.Sent, result.Outcome)
	want := sha256.New()
	_, _ = io.Copy(want, io.NewSectionReader(largestore.Endless{}, 0, size))
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

// invokeFunction builds the function, invokes it once by the Lambda Runtime API, and returns the
// result with the most memory that it used, in bytes.
func (w *world) invokeFunction(event sendfile.Event) (result sendfile.Result, used int64) {
	w.t.Helper()
	binary := filepath.Join(w.t.TempDir(), "bootstrap")
	output, err := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", binary, "../../../functions/send-file").CombinedOutput()
	require.NoError(w.t, err, string(output))
	events, answers := make(chan sendfile.Event, 1), make(chan []byte, 1)
	events <- event
	api := httptest.NewServer(http.HandlerFunc(func(response http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/extension/") { // by which it asks for SIGTERM
			http.NotFound(response, r)
			return
		}
		if r.Method == http.MethodPost {
			body, _ := io.ReadAll(r.Body)
			answers <- body
			response.WriteHeader(http.StatusAccepted)
			return
		}
		select {
		case event := <-events:
			response.Header().Set("Lambda-Runtime-Aws-Request-Id", "1")
			response.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(5*time.Minute).UnixMilli(), 10))
			_ = json.NewEncoder(response).Encode(event)
		case <-r.Context().Done():
		}
	}))
	w.t.Cleanup(api.Close)
	function := exec.Command(binary)
	function.Env = append(w.environment(), "AWS_LAMBDA_RUNTIME_API="+api.Listener.Addr().String(), "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b", fmt.Sprintf("AWS_LAMBDA_FUNCTION_MEMORY_SIZE=%d", memory))
	require.NoError(w.t, function.Start())
	answer := <-answers
	used = localtest.PeakMemory(w.t, function.Process.Pid)
	_ = function.Process.Signal(syscall.SIGKILL)
	_ = function.Wait()
	require.NoError(w.t, json.Unmarshal(answer, &result), string(answer))
	if used == 0 {
		used = function.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	}
	return result, used
}
