package awsiam

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/explain"
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
	keys := AccessKeys{client: fakeAccessKeys{"alice": {
		{AccessKeyId: aws.String("OLD"), Status: types.StatusTypeInactive},
		{AccessKeyId: aws.String("NEW"), Status: types.StatusTypeActive},
	}}}
	got, err := keys.AccessKeys(t.Context(), "alice")
	assert.NoError(t, err)
	assert.Equal(t, []explain.AccessKey{{ID: "OLD"}, {ID: "NEW", Active: true}}, got)
	_, err = keys.AccessKeys(t.Context(), "bob")
	assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
}
