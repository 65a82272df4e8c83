package lambda

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// function is a function as it is deployed.
type function struct {
	name, arn, role, handler string
	memory                   int32
	timeout                  time.Duration
	environment              map[string]string
	// code is the folder of the unpacked zip; its name changes with the code.
	code string
}

// getObject is the part of S3's API that holds their zips.
type getObject interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// deployed reads functions where they were deployed, and keeps their code.
type deployed struct {
	functions lambda.GetFunctionAPIClient
	objects   getObject
	folder    string

	mu sync.Mutex
}

// function returns the function as it is deployed now. It asks each time, so
// that a deployment takes effect at once.
func (d *deployed) function(ctx context.Context, name string) (*function, error) {
	answer, err := d.functions.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: &name})
	if err != nil {
		return nil, err
	}
	config := answer.Configuration
	fn := &function{
		name:    name,
		arn:     aws.ToString(config.FunctionArn),
		role:    aws.ToString(config.Role),
		handler: aws.ToString(config.Handler),
		memory:  aws.ToInt32(config.MemorySize),
		timeout: time.Duration(aws.ToInt32(config.Timeout)) * time.Second,
	}
	if config.Environment != nil {
		fn.environment = config.Environment.Variables
	}
	// Base64 has slashes.
	fn.code = filepath.Join(d.folder, name+"-"+strings.ReplaceAll(aws.ToString(config.CodeSha256), "/", "_"))
	if err := d.unpack(ctx, aws.ToString(answer.Code.Location), fn.code); err != nil {
		return nil, fmt.Errorf("code of %s: %w", name, err)
	}
	return fn, nil
}

// unpack fetches the zip at a location, whose path is /<bucket>/<key>, into a
// folder, unless that was done before.
func (d *deployed) unpack(ctx context.Context, location, folder string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	at, err := url.Parse(location)
	if err != nil {
		return err
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(at.Path, "/"), "/")
	object, err := d.objects.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return err
	}
	defer object.Body.Close()
	body, err := io.ReadAll(object.Body)
	if err != nil {
		return err
	}
	archive, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return err
	}
	if err := os.CopyFS(folder, archive); err != nil {
		return errors.Join(err, os.RemoveAll(folder))
	}
	return nil
}
