package awss3

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// fakeFolders are a bucket's folders below runs/, in their order, one a page.
type fakeFolders []string

var _ s3.ListObjectsV2APIClient = fakeFolders(nil)

func (f fakeFolders) ListObjectsV2(_ context.Context, input *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	if f == nil {
		return nil, answer("AccessDenied")
	}
	output := &s3.ListObjectsV2Output{}
	for _, name := range f {
		prefix := "runs/" + name + "/"
		if !strings.HasPrefix(prefix, *input.Prefix) || prefix <= aws.ToString(input.ContinuationToken) {
			continue
		}
		if len(output.CommonPrefixes) == 1 {
			output.IsTruncated = aws.Bool(true)
			output.NextContinuationToken = output.CommonPrefixes[0].Prefix
			break
		}
		output.CommonPrefixes = []types.CommonPrefix{{Prefix: &prefix}}
	}
	return output, nil
}

func TestRunNames(t *testing.T) {
	t.Parallel()
	names, err := RunNames{client: fakeFolders{"start-1", "sync-1", "sync-2"}, bucket: "runs"}.Names(t.Context(), "sync-")
	assert.NoError(t, err)
	assert.Equal(t, []string{"sync-1", "sync-2"}, names)
	assert.True(t, slices.IsSorted(names))

	_, err = RunNames{client: fakeFolders(nil), bucket: "runs"}.Names(t.Context(), "")
	assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
}
