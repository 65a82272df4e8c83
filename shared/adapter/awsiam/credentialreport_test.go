package awsiam

import (
	"context"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/access"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// fakeReports makes a report when it has been asked a few times.
type fakeReports struct {
	content string
	// polls is how often it says that it has started.
	polls, asked int
	err, getErr  error
}

var _ credentialReportClient = (*fakeReports)(nil)

var generated = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

func (f *fakeReports) GenerateCredentialReport(context.Context, *iam.GenerateCredentialReportInput, ...func(*iam.Options)) (*iam.GenerateCredentialReportOutput, error) {
	f.asked++
	if f.asked > f.polls {
		return &iam.GenerateCredentialReportOutput{State: types.ReportStateTypeComplete}, f.err
	}
	return &iam.GenerateCredentialReportOutput{State: types.ReportStateTypeInprogress}, nil
}

func (f *fakeReports) GetCredentialReport(context.Context, *iam.GetCredentialReportInput, ...func(*iam.Options)) (*iam.GetCredentialReportOutput, error) {
	if f.getErr != nil {
		return nil, f.getErr
	}
	return &iam.GetCredentialReportOutput{Content: []byte(f.content), GeneratedTime: &generated}, nil
}

// The example is of the form that the user guide documents.
func TestCredentialReport(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/credential-report.csv")
	require.NoError(t, err)
	synctest.Test(t, func(t *testing.T) {
		fake := &fakeReports{content: string(content), polls: 3}
		start := time.Now()
		got, err := CredentialReporter{client: fake}.CredentialReport(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 6*time.Second, time.Since(start))
		at := func(day, hour int) time.Time { return time.Date(2026, 10, day, hour, 0, 0, 0, time.UTC) }
		assert.Equal(t, access.CredentialReport{GeneratedAt: generated, Keys: map[string][]access.ReportedKey{
			"alice": {{Active: true, CreatedAt: at(1, 9), LastUsedAt: at(20, 7), LastUsedService: "s3"}},
			"bob,jr": {
				{CreatedAt: at(2, 9), LastUsedAt: at(3, 9)},
				{Active: true, CreatedAt: at(4, 9)},
			},
		}}, got)
	})
}

func TestCredentialReportErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give fakeReports
		want string
		kind errkind.Kind
	}{
		{"denied", fakeReports{err: &smithy.GenericAPIError{Code: "AccessDenied"}}, "AccessDenied", errkind.AccessDenied},
		{"never made", fakeReports{polls: 1000}, "has not made its credential report within 5m0s", errkind.Unavailable},
		{"empty", fakeReports{}, "it is empty", errkind.Unexpected},
		{"of another form", fakeReports{content: "user,arn\nalice,arn\n"}, "it has no column access_key_1_active", errkind.Unexpected},
		{"cut short", fakeReports{content: "user,arn\nalice\n"}, "wrong number of fields", errkind.Unexpected},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, err := CredentialReporter{client: &tt.give}.CredentialReport(t.Context())
				require.ErrorContains(t, err, tt.want)
				assert.Equal(t, tt.kind, errkind.Of(err))
			})
		})
	}
}

func TestCheckAllowed(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]errkind.Kind{
		"ReportNotPresent": "", "ReportExpired": "", "ReportInProgress": "", "AccessDenied": errkind.AccessDenied, "ServiceFailure": errkind.Unexpected,
	} {
		fake := &fakeReports{getErr: &smithy.GenericAPIError{Code: code}}
		err := CredentialReporter{client: fake}.CheckAllowed(t.Context())
		assert.Equal(t, want == "", err == nil, code)
		if err != nil {
			assert.Equal(t, want, errkind.Of(err))
		}
		assert.Zero(t, fake.asked)
	}
}

// The wait for a report ends with the context.
func TestCredentialReportIsInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := CredentialReporter{client: &fakeReports{polls: 1000}}.CredentialReport(ctx)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	})
}
