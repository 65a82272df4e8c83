package awss3

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/settings"
)

// maxTextSize is the largest object that a setting may refer to, in bytes.
const maxTextSize = 64 << 10

// Texts resolves settings that refer to an object as `bucket:key`.
type Texts struct {
	client objectsClient
}

var _ settings.Resolver = Texts{}

// NewTexts makes a Texts.
func NewTexts(cfg aws.Config) Texts { return Texts{client: newClient(cfg)} }

// Resolve returns the content of the object `bucket:key`. It returns Misconfigured if there
// is none.
func (t Texts) Resolve(ctx context.Context, setting, value string) (string, error) {
	bucket, key, _ := strings.Cut(value, ":")
	object := run.Object{Bucket: bucket, Key: key}
	output, err := t.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if awsapi.Is(err, "NoSuchKey", "NoSuchBucket") {
		return "", errkind.Errorf(errkind.Misconfigured, "%s refers to %s, which is not there: %w", setting, object.URI(), awsapi.Classify(err))
	}
	if err != nil {
		return "", fmt.Errorf("read %s for %s: %w", object.URI(), setting, awsapi.Classify(err))
	}
	defer output.Body.Close()
	if aws.ToInt64(output.ContentLength) > maxTextSize {
		return "", errkind.Errorf(errkind.Misconfigured, "%s refers to %s, which is too large for a key", setting, object.URI())
	}
	body, err := io.ReadAll(output.Body)
	return string(body), awsapi.Classify(err)
}
