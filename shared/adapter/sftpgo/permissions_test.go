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

func TestCheckPermissionChangesNothing(t *testing.T) {
	t.Parallel()
	for _, permission := range sftpgo.RequiredPermissions {
		t.Run(permission, func(t *testing.T) {
			t.Parallel()
			client, server := newClient(t)
			assert.NoError(t, client.CheckPermission(t.Context(), permission))
			assert.Empty(t, server.users)
			assert.Empty(t, server.folders)

			server.respondWith(http.StatusForbidden, `{"error":"","message":"Forbidden"}`)
			err := client.CheckPermission(t.Context(), permission)
			assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
		})
	}
}

func TestCheckPermissionAsksForAMissingRecord(t *testing.T) {
	t.Parallel()
	client, server := newClient(t)
	for range 2 {
		assert.NoError(t, client.CheckPermission(t.Context(), "edit_users"))
	}
	var paths []string
	for _, request := range server.requests {
		if strings.HasPrefix(request.Line, "PUT ") {
			paths = append(paths, request.Line)
			assert.Equal(t, "{}", request.Body)
		}
	}
	assert.Len(t, slices.Compact(paths), 2, "a new name each time, which no record can have")
}
