package awss3

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

// Source reads objects that are to be sent, by ranges.
type Source struct {
	client *s3.Client
}

var _ sendfile.Source = Source{}

// NewSource makes a Source.
func NewSource(cfg aws.Config) Source { return Source{client: newClient(cfg)} }

// Head returns the current version of an object, with its checksum if S3 has one of the whole
// object. Without s3:ListBucket, S3 answers AccessDenied instead of NotFound.
func (s Source) Head(ctx context.Context, bucket, key string) (sendfile.Object, error) {
	output, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &key, ChecksumMode: types.ChecksumModeEnabled})
	if awsapi.Is(err, "NotFound", "NoSuchKey") {
		return sendfile.Object{}, fmt.Errorf("%s: %w", (run.Object{Bucket: bucket, Key: key}).URI(), fs.ErrNotExist)
	}
	if err != nil {
		return sendfile.Object{}, fmt.Errorf("look at %s: %w", (run.Object{Bucket: bucket, Key: key}).URI(), awsapi.Classify(err))
	}
	version := aws.ToString(output.VersionId)
	if version == "null" { // uploaded before the bucket had versions
		version = ""
	}
	return sendfile.Object{
		Bucket: bucket, Key: key, ETag: trimETag(output.ETag), VersionID: version,
		Size: aws.ToInt64(output.ContentLength), UploadedAt: aws.ToTime(output.LastModified), Checksum: checksum(output),
	}, nil
}

func trimETag(etag *string) string { return strings.Trim(aws.ToString(etag), `"`) }

// checksum returns the strongest checksum that S3 has of the whole object. The checksum of a
// multipart upload may be of its parts' checksums, with their number after a dash, and can't
// be compared
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html).
func checksum(output *s3.HeadObjectOutput) sendfile.Checksum {
	for _, c := range []struct {
		algorithm sendfile.Algorithm
		value     *string
	}{
		{sendfile.SHA256, output.ChecksumSHA256},
		{sendfile.SHA1, output.ChecksumSHA1},
		{sendfile.CRC64NVME, output.ChecksumCRC64NVME},
		{sendfile.CRC32C, output.ChecksumCRC32C},
		{sendfile.CRC32, output.ChecksumCRC32},
	} {
		value, err := base64.StdEncoding.DecodeString(aws.ToString(c.value))
		if err == nil && len(value) > 0 && output.ChecksumType != types.ChecksumTypeComposite {
			return sendfile.Checksum{Algorithm: c.algorithm, Value: value}
		}
	}
	// An ETag is an MD5 if the object was uploaded in one part, and S3's own key or none
	// encrypts it (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html).
	value, err := hex.DecodeString(trimETag(output.ETag))
	isMD5 := err == nil && len(value) == 16 && output.SSECustomerAlgorithm == nil &&
		(output.ServerSideEncryption == "" || output.ServerSideEncryption == types.ServerSideEncryptionAes256)
	if isMD5 {
		return sendfile.Checksum{Algorithm: sendfile.MD5, Value: value}
	}
	return sendfile.Checksum{}
}

// maxBodyErrors is how often a range is asked for again because its body broke off. The SDK
// repeats only requests without an answer.
const maxBodyErrors = 4

// ReadRange fills the buffer. It needs s3:GetObject.
func (s Source) ReadRange(ctx context.Context, object sendfile.Object, buffer []byte, offset int64) error {
	read, failures := 0, 0
	for read < len(buffer) {
		n, err := s.readOnce(ctx, object, buffer[read:], offset+int64(read))
		read += n
		switch {
		case err == nil:
		case ctx.Err() != nil, !errkind.Of(err).Retried(), failures == maxBodyErrors:
			return fmt.Errorf("read %s: %w", object.URI(), err)
		default:
			failures++
		}
	}
	return nil
}

func (s Source) readOnce(ctx context.Context, object sendfile.Object, buffer []byte, offset int64) (int, error) {
	output, err := s.client.GetObject(ctx, &s3.GetObjectInput{
		Bucket: &object.Bucket, Key: &object.Key, IfMatch: aws.String(`"` + object.ETag + `"`),
		Range: aws.String(fmt.Sprintf("bytes=%d-%d", offset, offset+int64(len(buffer))-1)),
	})
	switch {
	case awsapi.Is(err, "PreconditionFailed", "NoSuchKey", "NotFound", "InvalidRange"):
		return 0, sendfile.ErrSourceChanged
	case awsapi.Is(err, "InvalidObjectState"):
		return 0, errkind.Errorf(errkind.ObjectArchived, "it is in an archive storage class; restore it, and send it again: %w", awsapi.Classify(err))
	case err != nil:
		return 0, awsapi.Classify(err)
	}
	defer output.Body.Close()
	n, err := io.ReadFull(output.Body, buffer)
	return n, awsapi.Classify(err)
}
