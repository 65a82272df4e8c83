package sftpgo_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/adapter/sftpgo"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Trying a permission finds out whether it is there, and leaves no trace.
func TestTry(t *testing.T) {
	t.Parallel()
	for _, permission := range sftpgo.RequiredPermissions() {
		t.Run(permission, func(t *testing.T) {
			t.Parallel()
			client, server := newClient(t)
			assert.NoError(t, client.CheckPermission(t.Context(), permission))
			assert.Empty(t, server.users)
			assert.Empty(t, server.folders)

			server.answers(http.StatusForbidden, `{"error":"","message":"Forbidden"}`)
			err := client.CheckPermission(t.Context(), permission)
			assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
		})
	}
}

func TestTryAsksForNobody(t *testing.T) {
	t.Parallel()
	client, server := newClient(t)
	for range 2 {
		assert.NoError(t, client.CheckPermission(t.Context(), "edit_users"))
	}
	var asked []string
	for _, call := range server.calls {
		if strings.HasPrefix(call.Line, "PUT ") {
			asked = append(asked, call.Line)
			assert.Equal(t, "{}", call.Body)
		}
	}
	assert.Len(t, slices.Compact(asked), 2, "each time another name, which nobody can have")
}
