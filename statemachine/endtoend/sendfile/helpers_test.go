package sendfile_test

import (
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"
)

func ptr[T any](value T) *T { return &value }

func tagging(key, value string) *types.Tagging {
	return &types.Tagging{TagSet: []types.Tag{{Key: &key, Value: &value}}}
}

func tagTexts(tags []types.Tag) []string {
	var texts []string
	for _, tag := range tags {
		texts = append(texts, *tag.Key+"="+*tag.Value)
	}
	return texts
}

// keys returns the keys of all objects of a bucket.
func (w *world) keys(bucket string) []string {
	w.t.Helper()
	output, err := w.s3.ListObjectsV2(w.t.Context(), &s3.ListObjectsV2Input{Bucket: &bucket})
	require.NoError(w.t, err)
	var keys []string
	for _, object := range output.Contents {
		keys = append(keys, *object.Key)
	}
	return keys
}
