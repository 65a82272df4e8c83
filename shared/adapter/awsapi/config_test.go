package awsapi_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/aws/smithy-go/logging"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// setEnvironment sets these of the variables that an AWS SDK reads, and clears the others.
func setEnvironment(t *testing.T, variables map[string]string) {
	t.Helper()
	missing := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{
		"AWS_CONFIG_FILE": missing, "AWS_SHARED_CREDENTIALS_FILE": missing, "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_PROFILE": "", "AWS_REGION": "", "AWS_DEFAULT_REGION": "", "AWS_ENDPOINT_URL": "",
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI": "", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "", "AWS_WEB_IDENTITY_TOKEN_FILE": "",
	} {
		t.Setenv(name, value)
	}
	for name, value := range variables {
		t.Setenv(name, value)
	}
}

func TestConfigErrorsHaveAKind(t *testing.T) {
	tests := []struct {
		name string
		give map[string]string
		want errkind.Kind
		text string
	}{
		{"no region", map[string]string{"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key"}, errkind.Misconfigured, "AWS_REGION"},
		{"no credentials", map[string]string{"AWS_REGION": "us-east-1"}, errkind.AccessDenied, "credentials"},
		{"unknown profile", map[string]string{"AWS_PROFILE": "nobody"}, errkind.Misconfigured, "nobody"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			setEnvironment(t, tt.give)
			_, err := awsapi.Config(t.Context())
			assert.Equal(t, tt.want, errkind.Of(err))
			assert.ErrorContains(t, err, tt.text)
		})
	}
}

func TestConfigRetriesFailedCalls(t *testing.T) {
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, `{}`)
	}))
	t.Cleanup(server.Close)
	setEnvironment(t, map[string]string{
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key", "AWS_ENDPOINT_URL": server.URL,
	})
	cfg, err := awsapi.Config(t.Context())
	require.NoError(t, err)
	require.NoError(t, getParameters(t.Context(), cfg))
	assert.Equal(t, int32(2), calls.Load())
}

func TestConfigHidesWriterTo(t *testing.T) {
	setEnvironment(t, map[string]string{"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key"})
	cfg, err := awsapi.Config(t.Context())
	require.NoError(t, err)
	assert.IsType(t, awsapi.WithoutWriterTo(nil), cfg.HTTPClient)
}

func TestConfigLogsToSlog(t *testing.T) {
	setEnvironment(t, map[string]string{"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key"})
	var lines bytes.Buffer
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	slog.SetDefault(slog.New(slog.NewJSONHandler(&lines, nil)))
	cfg, err := awsapi.Config(t.Context())
	require.NoError(t, err)
	logging.WithContext(t.Context(), cfg.Logger).Logf(logging.Warn, "clock is %d s off", 7)
	assert.Contains(t, lines.String(), `"level":"WARN","msg":"clock is 7 s off"`)
}
