package awsconnector_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/adapter/awsconnector"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// The messages are those that AWS has documented for TestConnection, alone and with a cause.
func TestFailedConnectionHasAKind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		message string
		want    errkind.Kind
	}{
		{"Unable to access secrets manager", errkind.LoginRefused},
		{"Private key not found", errkind.LoginRefused},
		{"Unknown Host/Connection failed: unable to authenticate", errkind.LoginRefused},
		{"Unknown Host/Connection failed", errkind.Unavailable},
		{"Invalid trusted host keys", errkind.HostKeyChanged},
	}
	for _, tt := range tests {
		t.Run(tt.message, func(t *testing.T) {
			t.Parallel()
			cfg, _ := newConfig(t, http.StatusOK, fmt.Sprintf(`{"Status":"ERROR","StatusMessage":%q}`, tt.message))
			err := awsconnector.NewFetcher(cfg, id).Test(t.Context())
			assert.Equal(t, tt.want, errkind.Of(err))
			require.ErrorContains(t, err, tt.message)
		})
	}
}
