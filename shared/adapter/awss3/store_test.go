package awss3

import (
	"bytes"
	"context"
	"crypto/md5"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// fakeStore is an S3 of one account. It starts empty, and may be asked by
// several at once.
type fakeStore struct {
	mu      sync.Mutex
	buckets []types.Bucket
	// locations are those that a bucket gives when it is asked, by name.
	locations map[string]types.BucketLocationConstraint
	objects   map[string]fakeObject // by bucket/key
	// refuse is the error of the next call of that operation.
	refuse map[string]error
	calls  map[string]int
}

type fakeObject struct {
	body        []byte
	size        int64 // in bytes, if not the body's
	contentType string
}

func (o fakeObject) etag() string { return fmt.Sprintf(`"%x"`, md5.Sum(o.body)) }

var (
	_ bucketsClient = (*fakeStore)(nil)
	_ objectsClient = (*fakeStore)(nil)
)

func newFakeStore() *fakeStore {
	return &fakeStore{
		locations: map[string]types.BucketLocationConstraint{},
		objects:   map[string]fakeObject{},
		refuse:    map[string]error{},
		calls:     map[string]int{},
	}
}

func (f *fakeStore) add(name, region string) {
	bucket := types.Bucket{Name: &name}
	if region != "" {
		bucket.BucketRegion = &region
	}
	f.buckets = append(f.buckets, bucket)
}

func (f *fakeStore) called(operation string) error {
	f.calls[operation]++
	return f.refuse[operation+strconv.Itoa(f.calls[operation])]
}

func (f *fakeStore) ListBuckets(_ context.Context, input *s3.ListBucketsInput, _ ...func(*s3.Options)) (*s3.ListBucketsOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.called("ListBuckets"); err != nil {
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

func (f *fakeStore) GetBucketLocation(_ context.Context, input *s3.GetBucketLocationInput, _ ...func(*s3.Options)) (*s3.GetBucketLocationOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.called("GetBucketLocation"); err != nil {
		return nil, err
	}
	return &s3.GetBucketLocationOutput{LocationConstraint: f.locations[*input.Bucket]}, nil
}

func (f *fakeStore) GetObject(_ context.Context, input *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.called("GetObject"); err != nil {
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

func (f *fakeStore) PutObject(_ context.Context, input *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.called("PutObject"); err != nil {
		return nil, err
	}
	name := *input.Bucket + "/" + *input.Key
	object, exists := f.objects[name]
	switch {
	case input.IfMatch != nil && !exists:
		return nil, answer("NoSuchKey")
	case input.IfMatch != nil && *input.IfMatch != object.etag(), aws.ToString(input.IfNoneMatch) == "*" && exists:
		return nil, answer("PreconditionFailed")
	}
	body, err := io.ReadAll(input.Body)
	if err != nil {
		return nil, err
	}
	f.objects[name] = fakeObject{body: body, contentType: aws.ToString(input.ContentType)}
	return &s3.PutObjectOutput{}, nil
}

func answer(code string) error { return &smithy.GenericAPIError{Code: code} }
