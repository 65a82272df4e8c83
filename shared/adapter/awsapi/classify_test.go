package awsapi_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// call makes one call of a real client, without retries.
type call func(ctx context.Context, cfg aws.Config) error

func getObject(ctx context.Context, cfg aws.Config) error {
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	output, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("bucket"), Key: aws.String("key")})
	if err != nil {
		return err
	}
	_, err = io.ReadAll(output.Body)
	return err
}

func getParameters(ctx context.Context, cfg aws.Config) error {
	_, err := ssm.NewFromConfig(cfg).GetParameters(ctx, &ssm.GetParametersInput{Names: []string{"/name"}})
	return err
}

func getAuthorizationDetails(ctx context.Context, cfg aws.Config) error {
	_, err := iam.NewFromConfig(cfg).GetAccountAuthorizationDetails(ctx, &iam.GetAccountAuthorizationDetailsInput{})
	return err
}

func config(endpoint string) aws.Config {
	return aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: &endpoint,
		Credentials:  credentials.NewStaticCredentialsProvider("id", "key", ""),
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	}
}

func TestErrorsHaveAKind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		call   call
		status int
		body   string
		want   errkind.Kind
		text   string
	}{
		{
			name: "S3 asks to slow down", call: getObject, status: 503,
			body: `<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>`,
			want: errkind.Throttled, text: "S3 GetObject: SlowDown: Please reduce your request rate. (HTTP 503, request R1)",
		},
		{
			name: "a JSON service throttles", call: getParameters, status: 400,
			body: `{"__type":"ThrottlingException","message":"Rate exceeded"}`,
			want: errkind.Throttled, text: "SSM GetParameters: ThrottlingException: Rate exceeded (HTTP 400, request R1)",
		},
		{
			name: "a 429 without an error code", call: getParameters, status: 429, body: `<html>`,
			want: errkind.Throttled, text: "429",
		},
		{
			name: "S3 has an internal error", call: getObject, status: 500,
			body: `<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>`,
			want: errkind.Unavailable, text: "InternalError",
		},
		{
			name: "a gateway answers for IAM", call: getAuthorizationDetails, status: 502, body: `<html>Bad Gateway</html>`,
			want: errkind.Unavailable, text: "GetAccountAuthorizationDetails",
		},
		{
			name: "IAM denies", call: getAuthorizationDetails, status: 403,
			body: `<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::123456789012:user/a is not authorized to perform: iam:GetAccountAuthorizationDetails</Message></Error><RequestId>R1</RequestId></ErrorResponse>`,
			want: errkind.AccessDenied, text: "not authorized to perform: iam:GetAccountAuthorizationDetails",
		},
		{
			name: "KMS denies inside Parameter Store", call: getParameters, status: 400,
			body: `{"__type":"AccessDeniedException","message":"not authorized to perform: kms:Decrypt"}`,
			want: errkind.AccessDenied, text: "SSM GetParameters: AccessDeniedException: not authorized to perform: kms:Decrypt",
		},
		{
			name: "the KMS key is disabled", call: getParameters, status: 400,
			body: `{"__type":"InvalidKeyId","message":"key is disabled"}`,
			want: errkind.AccessDenied, text: "InvalidKeyId",
		},
		{
			name: "the session has expired", call: getParameters, status: 400,
			body: `{"__type":"ExpiredTokenException","message":"The security token included in the request is expired"}`,
			want: errkind.AccessDenied, text: "expired",
		},
		{
			name: "an object is missing", call: getObject, status: 404,
			body: `<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>`,
			want: errkind.Unexpected, text: "NoSuchKey",
		},
		{
			name: "a request is wrong", call: getParameters, status: 400,
			body: `{"__type":"ValidationException","message":"names must not be empty"}`,
			want: errkind.Unexpected, text: "names must not be empty",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Amzn-RequestId", "R1")
				w.Header().Set("X-Amz-Request-Id", "R1")
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			}))
			t.Cleanup(server.Close)
			cause := tt.call(t.Context(), config(server.URL))
			err := awsapi.Classify(cause)
			require.Error(t, err)
			assert.Equal(t, tt.want, errkind.Of(err))
			assert.ErrorContains(t, err, tt.text)
			assert.ErrorIs(t, err, cause)
		})
	}
}

func TestConnectionErrorsAreUnavailable(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	cutsShort := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
	}
	hangs := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	tests := []struct {
		name    string
		handler http.HandlerFunc
		timeout time.Duration
	}{
		{"nothing listens", nil, time.Minute},
		{"the body is cut short", cutsShort, time.Minute},
		{"no response in time", hangs, time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), tt.timeout)
			defer cancel()
			endpoint := closed.URL
			if tt.handler != nil {
				server := httptest.NewServer(tt.handler)
				t.Cleanup(server.Close)
				endpoint = server.URL
			}
			err := awsapi.Classify(getObject(ctx, config(endpoint)))
			assert.Equal(t, errkind.Unavailable, errkind.Of(err), "%v", err)
		})
	}
}

func TestClassifyOfNilIsNil(t *testing.T) {
	t.Parallel()
	assert.NoError(t, awsapi.Classify(nil))
}

func TestIsNeedsAnAPIError(t *testing.T) {
	t.Parallel()
	assert.False(t, awsapi.Is(nil, "NoSuchKey"))
	assert.False(t, awsapi.Is(errors.New("NoSuchKey"), "NoSuchKey"))
}
