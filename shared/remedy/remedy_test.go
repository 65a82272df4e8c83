package remedy_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/remedy"
)

func TestOf(t *testing.T) {
	t.Parallel()
	conflict := remedy.Errorf(remedy.Conflict, "two claims")
	tests := []struct {
		name string
		give error
		want remedy.Kind
	}{
		{"named", conflict, remedy.Conflict},
		{"wrapped", fmt.Errorf("write: %w", conflict), remedy.Conflict},
		{"joined", errors.Join(nil, conflict), remedy.Conflict},
		{"the outermost decides", remedy.Errorf(remedy.Unavailable, "try again: %w", conflict), remedy.Unavailable},
		{"out of time", fmt.Errorf("read: %w", context.DeadlineExceeded), remedy.Unavailable},
		{"no connection", &net.OpError{Op: "dial", Err: errors.New("refused")}, remedy.Unavailable},
		{"anything else", errors.New("x"), remedy.Unexpected},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, remedy.Of(tt.give))
		})
	}
}
