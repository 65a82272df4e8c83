package awss3

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

// maxObjectSize is the largest object that Load reads, in bytes, because it has to fit
// into memory. The report of 5,000 users, the most that an AWS account has, with 100
// buckets each takes about half of it.
const maxObjectSize = 64 << 20

// Runs reads and writes the records of runs in a bucket, as JSON objects.
type Runs struct {
	client objectsClient
	bucket string
}

var (
	_ run.Writer     = Runs{}
	_ run.PageWriter = Runs{}
	_ run.Reader     = Runs{}
	_ run.Opener     = Runs{}
)

// NewRuns makes a Runs for that bucket.
func NewRuns(cfg aws.Config, bucket string) Runs {
	return Runs{client: newClient(cfg), bucket: bucket}
}

// Save writes a value as JSON under a key and returns the object.
func (r Runs) Save(ctx context.Context, key string, value any) (run.Object, error) {
	object := run.Object{Bucket: r.bucket, Key: key}
	if _, err := putJSON(ctx, r.client, object, value); err != nil {
		return run.Object{}, err
	}
	return object, nil
}

// SavePage writes an HTML page under a key and returns the object.
func (r Runs) SavePage(ctx context.Context, key string, html []byte) (run.Object, error) {
	object := run.Object{Bucket: r.bucket, Key: key}
	if _, err := put(ctx, r.client, object, "text/html; charset=utf-8", html); err != nil {
		return run.Object{}, err
	}
	return object, nil
}

// Load reads a JSON object into the value that the pointer points to, or returns
// run.ErrNoObject. It refuses an object of more than 64 MiB.
func (r Runs) Load(ctx context.Context, object run.Object, pointer any) error {
	body, err := r.read(ctx, object)
	if err != nil {
		return fmt.Errorf("read %s: %w", object.URI(), err)
	}
	if err := json.Unmarshal(body, pointer); err != nil {
		return fmt.Errorf("read %s as JSON: %w", object.URI(), err)
	}
	return nil
}

func (r Runs) read(ctx context.Context, object run.Object) ([]byte, error) {
	output, err := r.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &object.Bucket, Key: &object.Key})
	if err != nil {
		return nil, classifyGet(err)
	}
	defer output.Body.Close()
	if size := aws.ToInt64(output.ContentLength); size > maxObjectSize {
		return nil, errkind.Errorf(errkind.Unexpected, "its %d bytes are more than %d MiB", size, maxObjectSize>>20)
	}
	body, err := io.ReadAll(output.Body)
	return body, awsapi.Classify(err)
}

// classifyGet returns the error of reading an object with its kind. That of an object
// that doesn't exist is run.ErrNoObject as well.
func classifyGet(err error) error {
	classified := awsapi.Classify(err)
	if awsapi.Is(err, "NoSuchKey") {
		return noObject{classified}
	}
	return classified
}

// noObject is an error that is run.ErrNoObject as well.
type noObject struct{ error }

func (e noObject) Unwrap() error        { return e.error }
func (e noObject) Is(target error) bool { return target == run.ErrNoObject }

// Open opens an object of any size for reading, or returns run.ErrNoObject.
func (r Runs) Open(ctx context.Context, object run.Object) (io.ReadCloser, error) {
	output, err := r.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &object.Bucket, Key: &object.Key})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", object.URI(), classifyGet(err))
	}
	return objectBody{output.Body}, nil
}

// objectBody is the body of an object, whose errors have a kind.
type objectBody struct{ io.ReadCloser }

func (b objectBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = awsapi.Classify(err)
	}
	return n, err
}

// Names returns the names of the runs that have records and begin with a prefix,
// in ascending order.
func (r Runs) Names(ctx context.Context, prefix string) ([]string, error) {
	const folder, delimiter = "runs/", "/"
	pages := s3.NewListObjectsV2Paginator(r.client, &s3.ListObjectsV2Input{
		Bucket: &r.bucket, Prefix: aws.String(folder + prefix), Delimiter: aws.String(delimiter),
	})
	var names []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", run.Object{Bucket: r.bucket, Key: folder}.URI(), awsapi.Classify(err))
		}
		for _, common := range page.CommonPrefixes {
			name := strings.TrimPrefix(aws.ToString(common.Prefix), folder)
			names = append(names, strings.TrimSuffix(name, delimiter))
		}
	}
	return names, nil
}

// Changes returns the objects of what runs changed that started at a time or later, in
// the order in which they started. Its calls do not grow with the runs before that.
func (r Runs) Changes(ctx context.Context, since time.Time) ([]run.Object, error) {
	pages := s3.NewListObjectsV2Paginator(r.client, &s3.ListObjectsV2Input{
		Bucket: &r.bucket, Prefix: aws.String(run.ChangesPrefix), StartAfter: aws.String(run.ChangesSince(since)),
	})
	var objects []run.Object
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", run.Object{Bucket: r.bucket, Key: run.ChangesPrefix}.URI(), awsapi.Classify(err))
		}
		for _, object := range page.Contents {
			objects = append(objects, run.Object{Bucket: r.bucket, Key: aws.ToString(object.Key)})
		}
	}
	return objects, nil
}
