package sendfile_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

func TestThrottledS3(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	content := random(20 << 20)
	w.put("out/a", content)
	throttling := &throttlingClient{next: w.cfg.HTTPClient}
	w.cfg.HTTPClient = throttling
	w.cfg.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	w.s3 = s3.NewFromConfig(account, func(o *s3.Options) { o.UsePathStyle = true })
	var err error
	for retry := range 100 {
		event := w.event("out/a")
		event.Retry = retry
		if _, err = w.handle(t.Context(), event); err == nil {
			break
		}
		require.Contains(t, []errkind.Kind{errkind.Throttled, errkind.Unavailable}, errkind.Of(err), "%v", err)
		w.requireKept("/in/a", "out/a", content)
	}
	require.NoError(t, err)
	assert.Positive(t, throttling.refused.Load())
	w.requireArrived("/in/a", "out/a", content)
}

// throttlingClient refuses every seventh request.
type throttlingClient struct {
	next    aws.HTTPClient
	count   atomic.Int32
	refused atomic.Int32
}

func (c *throttlingClient) Do(r *http.Request) (*http.Response, error) {
	if c.count.Add(1)%7 != 0 {
		return c.next.Do(r)
	}
	c.refused.Add(1)
	return &http.Response{
		StatusCode: http.StatusServiceUnavailable, Header: http.Header{}, Request: r,
		Body: io.NopCloser(strings.NewReader(`<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>`)),
	}, nil
}

// What is read from S3 is compared with the object's own checksum, whichever it has.
func TestContentThatIsNotTheObjects(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []types.ChecksumAlgorithm{"SHA256", "SHA1", "CRC64NVME", "CRC32C", "CRC32", "none"} {
		t.Run(string(algorithm), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			content := random(100_000)
			input := &s3.PutObjectInput{Bucket: &w.settings.SourceBucket, Key: ptr("out/a"), Body: bytes.NewReader(content)}
			if algorithm != "none" { // It has its MD5, as the ETag.
				input.ChecksumAlgorithm = algorithm
			}
			_, err := s3.NewFromConfig(w.cfg, func(o *s3.Options) {
				o.UsePathStyle, o.RequestChecksumCalculation = true, aws.RequestChecksumCalculationWhenRequired
			}).PutObject(t.Context(), input)
			require.NoError(t, err)
			sender := w.sender()
			sender.Source = damagingSource{sender.Source}
			_, err = sender.Send(t.Context(), w.event("out/a"))
			assert.Equal(t, errkind.ContentMismatch, errkind.Of(err), "%v", err)
			w.requireKept("/in/a", "out/a", content)
			assert.Empty(t, w.files(), "the temporary file is removed")

			_, err = w.send("out/a")
			require.NoError(t, err)
			w.requireArrived("/in/a", "out/a", content)
		})
	}
}

// damagingSource flips a bit of what is read.
type damagingSource struct{ sendfile.Source }

func (d damagingSource) ReadRange(ctx context.Context, object sendfile.Object, buffer []byte, offset int64) error {
	err := d.Source.ReadRange(ctx, object, buffer, offset)
	buffer[0] ^= 1
	return err
}

func TestDamagedContentIsNotPutInPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings.Verify = "content"
	w.put("out/a", []byte("content"))
	sender := w.sender()
	sender.Opener = damaging{sender.Opener}
	_, err := sender.Send(t.Context(), w.event("out/a"))
	assert.Equal(t, errkind.ContentMismatch, errkind.Of(err))
	w.requireKept("/in/a", "out/a", []byte("content"))
	assert.Empty(t, w.files(), "the temporary file is removed")
}

// damaging flips a bit of what is read back.
type damaging struct{ sendfile.Opener }

func (d damaging) OpenForReading(ctx context.Context, path string) (sendfile.ReadFile, error) {
	file, err := d.Opener.OpenForReading(ctx, path)
	return damagedFile{file}, err
}

type damagedFile struct{ sendfile.ReadFile }

func (f damagedFile) ReadAt(p []byte, offset int64) (int, error) {
	n, err := f.ReadFile.ReadAt(p, offset)
	p[0] ^= 1
	return n, err
}
