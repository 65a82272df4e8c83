package awss3

import (
	"bytes"
	"context"
	"crypto/md5"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// fakeS3 is the S3 of one account. It starts empty, and is safe for concurrent use.
type fakeS3 struct {
	mu      sync.Mutex
	buckets []types.Bucket
	// locations are the answers to GetBucketLocation, by bucket.
	locations map[string]types.BucketLocationConstraint
	objects   map[string]fakeObject // by <bucket>/<key>
	// errors are the errors of calls, by the name of the operation and the number of the call.
	errors map[string]error
	calls  map[string]int
}

type fakeObject struct {
	body        []byte
	size        int64 // in bytes, if it is larger than the body's
	contentType string
}

func (o fakeObject) etag() string { return fmt.Sprintf(`"%x"`, md5.Sum(o.body)) }

var (
	_ bucketsClient = (*fakeS3)(nil)
	_ objectsClient = (*fakeS3)(nil)
)

func newFakeS3() *fakeS3 {
	return &fakeS3{
		locations: map[string]types.BucketLocationConstraint{},
		objects:   map[string]fakeObject{},
		errors:    map[string]error{},
		calls:     map[string]int{},
	}
}

func (f *fakeS3) add(name, region string) {
	bucket := types.Bucket{Name: &name}
	if region != "" {
		bucket.BucketRegion = &region
	}
	f.buckets = append(f.buckets, bucket)
}

func (f *fakeS3) countCall(operation string) error {
	f.calls[operation]++
	return f.errors[operation+strconv.Itoa(f.calls[operation])]
}

func (f *fakeS3) ListBuckets(_ context.Context, input *s3.ListBucketsInput, _ ...func(*s3.Options)) (*s3.ListBucketsOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.countCall("ListBuckets"); err != nil {
		return nil, err
	}
	start, _ := strconv.Atoi(aws.ToString(input.ContinuationToken))
	end := min(start+int(aws.ToInt32(input.MaxBuckets)), len(f.buckets))
	output := &s3.ListBucketsOutput{Buckets: f.buckets[start:end]}
	if end < len(f.buckets) {
		output.ContinuationToken = aws.String(strconv.Itoa(end))
	}
	return output, nil
}

func (f *fakeS3) GetBucketLocation(_ context.Context, input *s3.GetBucketLocationInput, _ ...func(*s3.Options)) (*s3.GetBucketLocationOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.countCall("GetBucketLocation"); err != nil {
		return nil, err
	}
	return &s3.GetBucketLocationOutput{LocationConstraint: f.locations[*input.Bucket]}, nil
}

func (f *fakeS3) GetObject(_ context.Context, input *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.countCall("GetObject"); err != nil {
		return nil, err
	}
	object, ok := f.objects[*input.Bucket+"/"+*input.Key]
	if !ok {
		return nil, &types.NoSuchKey{}
	}
	return &s3.GetObjectOutput{
		Body:          io.NopCloser(bytes.NewReader(object.body)),
		ContentLength: aws.Int64(max(object.size, int64(len(object.body)))),
		ETag:          aws.String(object.etag()),
	}, nil
}

func (f *fakeS3) PutObject(_ context.Context, input *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.countCall("PutObject"); err != nil {
		return nil, err
	}
	name := *input.Bucket + "/" + *input.Key
	object, exists := f.objects[name]
	switch {
	case input.IfMatch != nil && !exists:
		return nil, apiError("NoSuchKey")
	case input.IfMatch != nil && *input.IfMatch != object.etag(), aws.ToString(input.IfNoneMatch) == "*" && exists:
		return nil, apiError("PreconditionFailed")
	}
	body, err := io.ReadAll(input.Body)
	if err != nil {
		return nil, err
	}
	f.objects[name] = fakeObject{body: body, contentType: aws.ToString(input.ContentType)}
	return &s3.PutObjectOutput{}, nil
}

// ListObjectsV2 lists one common prefix a page.
func (f *fakeS3) ListObjectsV2(_ context.Context, input *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.countCall("ListObjectsV2"); err != nil {
		return nil, err
	}
	if input.Delimiter == nil {
		return f.listKeys(input), nil
	}
	output := &s3.ListObjectsV2Output{}
	for _, name := range slices.Sorted(maps.Keys(f.objects)) {
		key, _ := strings.CutPrefix(name, *input.Bucket+"/")
		rest, ok := strings.CutPrefix(key, *input.Prefix)
		folder, _, inFolder := strings.Cut(rest, *input.Delimiter)
		prefix := *input.Prefix + folder + *input.Delimiter
		switch {
		case !ok, !inFolder, prefix <= aws.ToString(input.ContinuationToken):
		case len(output.CommonPrefixes) == 0:
			output.CommonPrefixes = []types.CommonPrefix{{Prefix: &prefix}}
		case prefix != *output.CommonPrefixes[0].Prefix:
			output.IsTruncated = aws.Bool(true)
			output.NextContinuationToken = output.CommonPrefixes[0].Prefix
			return output, nil
		}
	}
	return output, nil
}

// listKeys lists one key a page.
func (f *fakeS3) listKeys(input *s3.ListObjectsV2Input) *s3.ListObjectsV2Output {
	output := &s3.ListObjectsV2Output{}
	after := max(aws.ToString(input.StartAfter), aws.ToString(input.ContinuationToken))
	for _, name := range slices.Sorted(maps.Keys(f.objects)) {
		key, ok := strings.CutPrefix(name, *input.Bucket+"/")
		switch {
		case !ok, !strings.HasPrefix(key, *input.Prefix), key <= after:
		case output.Contents == nil:
			output.Contents = []types.Object{{Key: &key}}
		default:
			output.IsTruncated, output.NextContinuationToken = aws.Bool(true), output.Contents[0].Key
			return output
		}
	}
	return output
}

func apiError(code string) error { return &smithy.GenericAPIError{Code: code} }

func (f *fakeS3) DeleteObject(_ context.Context, input *s3.DeleteObjectInput, _ ...func(*s3.Options)) (*s3.DeleteObjectOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.countCall("DeleteObject"); err != nil {
		return nil, err
	}
	delete(f.objects, *input.Bucket+"/"+*input.Key)
	return new(s3.DeleteObjectOutput), nil
}
