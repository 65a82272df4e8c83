package awss3

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

func isWanted(name string) bool { return strings.HasPrefix(name, "digipres-dev1-") }

func TestWantedBucketsHaveARegion(t *testing.T) {
	t.Parallel()
	store := newFakeS3()
	store.add("other", "us-west-2")
	store.add("digipres-dev1-managed", "us-west-2")
	store.add("digipres-dev1-first", "")
	store.add("digipres-dev1-europe", "")
	store.add("digipres-dev1-frankfurt", "")
	store.add("unwanted", "")
	store.locations["digipres-dev1-europe"] = types.BucketLocationConstraintEu
	store.locations["digipres-dev1-frankfurt"] = types.BucketLocationConstraintEuCentral1
	got, err := Buckets{client: store}.Buckets(t.Context(), isWanted)
	require.NoError(t, err)
	assert.Equal(t, []run.Bucket{
		{Name: "digipres-dev1-managed", Region: "us-west-2"},
		{Name: "digipres-dev1-first", Region: "us-east-1"},
		{Name: "digipres-dev1-europe", Region: "eu-west-1"},
		{Name: "digipres-dev1-frankfurt", Region: "eu-central-1"},
	}, got)
	assert.Equal(t, 3, store.calls["GetBucketLocation"], "only for wanted buckets without a region")
}

func TestBucketsOnPageTwoAreListed(t *testing.T) {
	t.Parallel()
	store := newFakeS3()
	for i := range 1000 {
		store.add(fmt.Sprintf("bucket%d", i), "us-west-2")
	}
	store.add("digipres-dev1-managed", "us-west-2")
	got, err := Buckets{client: store}.Buckets(t.Context(), isWanted)
	require.NoError(t, err)
	assert.Equal(t, []run.Bucket{{Name: "digipres-dev1-managed", Region: "us-west-2"}}, got)
	assert.Equal(t, map[string]int{"ListBuckets": 2}, store.calls)
}

func TestBucketsAreListedCompletelyOrNotAtAll(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		failing string
		code    string
		want    errkind.Kind
	}{
		{"the first page", "ListBuckets1", "AccessDenied", errkind.AccessDenied},
		{"the second page", "ListBuckets2", "SlowDown", errkind.Throttled},
		{"one region of many", "GetBucketLocation30", "AccessDenied", errkind.AccessDenied},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := newFakeS3()
			store.errors[tt.failing] = apiError(tt.code)
			for i := range 1040 {
				name := fmt.Sprintf("bucket%d", i)
				if i >= 1000 {
					name = "digipres-dev1-" + name
				}
				store.add(name, "")
			}
			got, err := Buckets{client: store}.Buckets(t.Context(), isWanted)
			assert.Equal(t, tt.want, errkind.Of(err))
			assert.Nil(t, got)
		})
	}
}
