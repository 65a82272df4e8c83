package awsiam

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/access"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// fakeAccessKeys has the access keys of users, and lists one a page.
type fakeAccessKeys map[string][]types.AccessKeyMetadata

var _ iam.ListAccessKeysAPIClient = fakeAccessKeys(nil)

func (f fakeAccessKeys) ListAccessKeys(_ context.Context, input *iam.ListAccessKeysInput, _ ...func(*iam.Options)) (*iam.ListAccessKeysOutput, error) {
	keys, ok := f[*input.UserName]
	if !ok {
		return nil, &smithy.GenericAPIError{Code: "AccessDenied", Message: "not authorized to perform: iam:ListAccessKeys"}
	}
	start := len(aws.ToString(input.Marker))
	output := &iam.ListAccessKeysOutput{AccessKeyMetadata: keys[start : start+1]}
	if start+1 < len(keys) {
		output.IsTruncated, output.Marker = true, aws.String(aws.ToString(input.Marker)+"m")
	}
	return output, nil
}

func TestAccessKeysOnEveryPageAreListed(t *testing.T) {
	t.Parallel()
	created := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	keys := AccessKeys{client: fakeAccessKeys{"alice": {
		{AccessKeyId: aws.String("OLD"), Status: types.StatusTypeInactive},
		{AccessKeyId: aws.String("NEW"), Status: types.StatusTypeActive, CreateDate: &created},
	}}}
	got, err := keys.AccessKeys(t.Context(), "alice")
	assert.NoError(t, err)
	assert.Equal(t, []access.AccessKey{{ID: "OLD"}, {ID: "NEW", Active: true, CreatedAt: created}}, got)
	_, err = keys.AccessKeys(t.Context(), "bob")
	assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
}
