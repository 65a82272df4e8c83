package send

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/gateway"
	"github.com/digipres/sync-users/statemachine/local/largestore"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// BenchmarkThousandUploads uploads 1,000 objects at once, each of which starts a run. All are
// sent, over no more than maxConnections.
func BenchmarkThousandUploads(b *testing.B) {
	for range b.N {
		reset(b)
		cloud.PartnerSFTP.ResetMostConnections()
		cloud.Calls.Reset()
		before, failed := len(executions(b, "")), len(executions(b, types.ExecutionStatusFailed))
		want := map[string]string{}
		var work errgroup.Group
		work.SetLimit(8)
		for i := range 1000 {
			name, text := fmt.Sprintf("%04d.bin", i), content(b, 10<<10)
			want[name] = string(text)
			work.Go(func() error { upload(b, name, text); return nil })
		}
		require.NoError(b, work.Wait())
		require.Eventually(b, func() bool { return len(waiting(b)) == 0 }, 18*time.Minute, time.Second)
		most := cloud.PartnerSFTP.ResetMostConnections()
		assert.LessOrEqual(b, most, 10)
		assert.True(b, assert.ObjectsAreEqual(want, arrived(b)), "byte for byte")
		require.Eventually(b, func() bool { return len(executions(b, types.ExecutionStatusRunning)) == 0 }, 18*time.Minute, time.Second)
		assert.Len(b, executions(b, types.ExecutionStatusFailed), failed)
		sent := 0
		all := executions(b, "")
		for _, e := range all {
			if hasReport(b, *e.Name) {
				sent++
			}
		}
		b.ReportMetric(float64(len(all)-before), "executions")
		b.ReportMetric(float64(sent), "runs-that-sent")
		b.ReportMetric(float64(most), "connections")
		reportCalls(b, 1000)
	}
}

// reportCalls reports the calls of send-file to S3 for an object.
func reportCalls(b *testing.B, objects int) {
	counts := map[string]int{}
	for call, n := range cloud.Calls.Total() {
		if call.Caller == "send-files-send-file" && call.Service == "s3" {
			method, _, _ := strings.Cut(call.Action, " ")
			counts[method] += n
		}
	}
	for method, n := range counts {
		b.ReportMetric(float64(n)/float64(objects), "s3-"+method+"/object")
	}
}

// BenchmarkOneGiB sends one object by the deployed workflow, and reports the memory of the
// function.
func BenchmarkOneGiB(b *testing.B) {
	const size = 1 << 30
	for range b.N {
		reset(b)
		objects, path := largestore.New(), "/"+local.SourceBucket+"/"+local.SourcePrefix+"large"
		objects.Put(path, largestore.Endless{}, size, "0123456789abcdef0123456789abcdef-128")
		remove := cloud.AWSGateway.Intercept(func(_ gateway.Call, w http.ResponseWriter, r *http.Request, aws http.Handler) {
			if r.URL.Path == path {
				objects.ServeHTTP(w, r)
				return
			}
			aws.ServeHTTP(w, r)
		})
		begun := time.Now()
		ended := start(b, fmt.Sprintf(`{"key":%q}`, local.SourcePrefix+"large"))
		remove()
		require.Equal(b, types.ExecutionStatusSucceeded, ended.Status, ended.Cause)
		b.ReportMetric(size/time.Since(begun).Seconds()/(1<<20), "MiB/s")
		result := readReport(b, ended).Results[0]
		assert.Equal(b, sendfile.Sent, result.Outcome)
		file, err := os.Open(filepath.Join(files(), "large"))
		require.NoError(b, err)
		got, want := sha256.New(), sha256.New()
		_, err = io.Copy(got, file)
		require.NoError(b, err)
		require.NoError(b, file.Close())
		_, _ = io.Copy(want, io.NewSectionReader(largestore.Endless{}, 0, size))
		assert.Equal(b, want.Sum(nil), got.Sum(nil), "byte for byte")
		assert.Equal(b, fmt.Sprintf("%x", want.Sum(nil)), result.SHA256)
		used := localtest.PeakMemoryOf(b, cloud, "send-files-send-file")
		assert.LessOrEqual(b, used, int64(256<<20))
		b.ReportMetric(float64(used>>20), "MiB-of-memory")
	}
}
