package awss3

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

const (
	// defaultPartSize is in bytes. CopyObject copies up to 5 GiB
	// (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html), but answers only
	// when it has ended, which has to be within a request's time.
	defaultPartSize = 256 << 20
	// maxParts is S3's limit
	// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html).
	maxParts        = 10_000
	maxPartsAtOnce  = 8
	maxTagValueSize = 256
)

// SourceWriter deletes, moves and tags objects that were sent, if they are still the version
// that was sent.
type SourceWriter struct {
	client *s3.Client
	// PartSize is from which size on Move copies an object in parts, and the size of a part, in
	// bytes.
	PartSize int64
}

var _ sendfile.SourceWriter = SourceWriter{}

// NewSourceWriter makes a SourceWriter.
func NewSourceWriter(cfg aws.Config) SourceWriter {
	return SourceWriter{client: newClient(cfg), PartSize: defaultPartSize}
}

// Delete deletes an object if it has that ETag
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html). In a bucket
// with versions, all of them stay. It needs s3:DeleteObject and s3:GetObject.
func (w SourceWriter) Delete(ctx context.Context, object sendfile.Object) error {
	_, err := w.client.DeleteObject(ctx, &s3.DeleteObjectInput{
		Bucket: &object.Bucket, Key: &object.Key, IfMatch: aws.String(`"` + object.ETag + `"`),
	})
	return changedOr(err, "delete", object)
}

// changedOr returns ErrSourceChanged if a condition was not met, or the error with its kind.
func changedOr(err error, verb string, object sendfile.Object) error {
	switch {
	case err == nil:
		return nil
	case isConflict(err), awsapi.Is(err, "NotFound"):
		return sendfile.ErrSourceChanged
	}
	return fmt.Errorf("%s %s: %w", verb, object.URI(), awsapi.Classify(err))
}

// Move copies an object within its bucket, compares the copy's size, and deletes the object. It
// keeps metadata and tags. It needs s3:PutObject for the copy, and s3:GetObjectTagging and
// s3:PutObjectTagging where objects have tags, besides what Delete needs.
func (w SourceWriter) Move(ctx context.Context, object sendfile.Object, key string) error {
	copy := w.copyWhole
	if object.Size > w.PartSize {
		copy = w.copyParts
	}
	if err := copy(ctx, object, key); err != nil {
		return changedOr(err, "copy", object)
	}
	moved, err := w.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &object.Bucket, Key: &key})
	if err != nil {
		return fmt.Errorf("look at %s: %w", (run.Object{Bucket: object.Bucket, Key: key}).URI(), awsapi.Classify(err))
	}
	if size := aws.ToInt64(moved.ContentLength); size != object.Size {
		return errkind.Errorf(errkind.ContentMismatch, "%s has %d bytes, and %s has %d; the object was not deleted",
			(run.Object{Bucket: object.Bucket, Key: key}).URI(), size, object.URI(), object.Size)
	}
	return w.Delete(ctx, object)
}

func copySource(object sendfile.Object) *string {
	return aws.String(object.Bucket + "/" + strings.ReplaceAll(url.PathEscape(object.Key), "%2F", "/"))
}

func (w SourceWriter) copyWhole(ctx context.Context, object sendfile.Object, key string) error {
	_, err := w.client.CopyObject(ctx, &s3.CopyObjectInput{
		Bucket: &object.Bucket, Key: &key, CopySource: copySource(object), CopySourceIfMatch: aws.String(`"` + object.ETag + `"`),
	})
	return err
}

func (w SourceWriter) copyParts(ctx context.Context, object sendfile.Object, key string) (err error) {
	head, err := w.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &object.Bucket, Key: &object.Key, IfMatch: aws.String(`"` + object.ETag + `"`)})
	if err != nil {
		return err
	}
	tagging, err := w.client.GetObjectTagging(ctx, &s3.GetObjectTaggingInput{Bucket: &object.Bucket, Key: &object.Key})
	if err != nil {
		return err
	}
	tags := url.Values{}
	for _, tag := range tagging.TagSet {
		tags.Set(aws.ToString(tag.Key), aws.ToString(tag.Value))
	}
	upload, err := w.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: &object.Bucket, Key: &key, ContentType: head.ContentType, ContentEncoding: head.ContentEncoding,
		ContentDisposition: head.ContentDisposition, ContentLanguage: head.ContentLanguage, CacheControl: head.CacheControl,
		Metadata: head.Metadata, StorageClass: head.StorageClass, Tagging: aws.String(tags.Encode()),
	})
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_, abortErr := w.client.AbortMultipartUpload(context.WithoutCancel(ctx), &s3.AbortMultipartUploadInput{
				Bucket: &object.Bucket, Key: &key, UploadId: upload.UploadId,
			})
			err = errors.Join(err, abortErr)
		}
	}()
	size := max(w.PartSize, (object.Size+maxParts-1)/maxParts)
	parts := make([]types.CompletedPart, (object.Size+size-1)/size)
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(maxPartsAtOnce)
	for i := range parts {
		group.Go(func() error {
			number, from := aws.Int32(int32(i+1)), int64(i)*size
			part, err := w.client.UploadPartCopy(groupCtx, &s3.UploadPartCopyInput{
				Bucket: &object.Bucket, Key: &key, UploadId: upload.UploadId, PartNumber: number,
				CopySource: copySource(object), CopySourceIfMatch: aws.String(`"` + object.ETag + `"`),
				CopySourceRange: aws.String(fmt.Sprintf("bytes=%d-%d", from, min(from+size, object.Size)-1)),
			})
			if err == nil {
				parts[i] = types.CompletedPart{ETag: part.CopyPartResult.ETag, PartNumber: number}
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	_, err = w.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &object.Bucket, Key: &key, UploadId: upload.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	return err
}

// AddTag adds a tag to the current version. S3 has no condition for that, so it takes the tag
// away again if the version turns out to be another one. It needs s3:GetObjectTagging and
// s3:PutObjectTagging.
func (w SourceWriter) AddTag(ctx context.Context, object sendfile.Object, key, value string) error {
	before, err := w.tags(ctx, object)
	if err != nil {
		return err
	}
	tag := types.Tag{Key: &key, Value: aws.String(tagValue(value))}
	tags := []types.Tag{tag}
	for _, other := range before {
		if aws.ToString(other.Key) != key {
			tags = append(tags, other)
		}
	}
	if err := w.setTags(ctx, object, tags); err != nil {
		return err
	}
	_, err = w.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &object.Bucket, Key: &object.Key, IfMatch: aws.String(`"` + object.ETag + `"`)})
	if err = changedOr(err, "look at", object); errors.Is(err, sendfile.ErrSourceChanged) {
		return errors.Join(err, w.removeTag(ctx, object, key))
	}
	return err
}

func (w SourceWriter) removeTag(ctx context.Context, object sendfile.Object, key string) error {
	before, err := w.tags(ctx, object)
	if err != nil {
		return err
	}
	var tags []types.Tag
	for _, tag := range before {
		if aws.ToString(tag.Key) != key {
			tags = append(tags, tag)
		}
	}
	return w.setTags(ctx, object, tags)
}

func (w SourceWriter) tags(ctx context.Context, object sendfile.Object) ([]types.Tag, error) {
	output, err := w.client.GetObjectTagging(ctx, &s3.GetObjectTaggingInput{Bucket: &object.Bucket, Key: &object.Key})
	if err != nil {
		return nil, changedOr(err, "read the tags of", object)
	}
	return output.TagSet, nil
}

func (w SourceWriter) setTags(ctx context.Context, object sendfile.Object, tags []types.Tag) error {
	_, err := w.client.PutObjectTagging(ctx, &s3.PutObjectTaggingInput{
		Bucket: &object.Bucket, Key: &object.Key, Tagging: &types.Tagging{TagSet: tags},
	})
	return changedOr(err, "tag", object)
}

// tagValue makes a text the value of a tag
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html).
func tagValue(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" +-=._:/@", r) {
			return r
		}
		return '_'
	}, text)
	if runes := []rune(text); len(runes) > maxTagValueSize {
		return string(runes[len(runes)-maxTagValueSize:])
	}
	return text
}
