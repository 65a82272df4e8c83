package errkind_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

func TestOfReturnsKind(t *testing.T) {
	t.Parallel()
	conflict := errkind.Errorf(errkind.Conflict, "duplicate")
	tests := []struct {
		name string
		give error
		want errkind.Kind
	}{
		{"with a kind", conflict, errkind.Conflict},
		{"wrapped", fmt.Errorf("write: %w", conflict), errkind.Conflict},
		{"joined", errors.Join(nil, conflict), errkind.Conflict},
		{"joined with one that is retried", errors.Join(conflict, errkind.Errorf(errkind.Unavailable, "503")), errkind.Unavailable},
		{"joined with a failed connection", fmt.Errorf("sync: %w", errors.Join(conflict, fmt.Errorf("write: %w", context.DeadlineExceeded))), errkind.Unavailable},
		{"joined twice", errors.Join(errors.Join(conflict, conflict), errors.Join(conflict, errkind.Errorf(errkind.Throttled, "429"))), errkind.Throttled},
		{"joined, and none is retried", errors.Join(errors.New("x"), conflict), errkind.Conflict},
		{"joined inside an error with a kind", errkind.Errorf(errkind.Conflict, "both: %w", errors.Join(conflict, context.DeadlineExceeded)), errkind.Conflict},
		{"the outermost decides", errkind.Errorf(errkind.Unavailable, "try again: %w", conflict), errkind.Unavailable},
		{"deadline exceeded", fmt.Errorf("read: %w", context.DeadlineExceeded), errkind.Unavailable},
		{"connection refused", &net.OpError{Op: "dial", Err: errors.New("refused")}, errkind.Unavailable},
		{"anything else", errors.New("x"), errkind.Unexpected},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, errkind.Of(tt.give))
		})
	}
}
