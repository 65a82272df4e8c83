package printable_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/printable"
)

func TestText(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, give, want string }{
		{"letters of any script", "Ünïcode 例え עברית 🙂", "Ünïcode 例え עברית 🙂"},
		{"line breaks and tabs", "a\nb\tc", "a b c"},
		{"an escape sequence", "\x1b[31mred", "�[31mred"},
		{"a change of direction", "alice\u202egro.elpmaxe", "alice�gro.elpmaxe"},
		{"nothing to see", "a\u200bb\u2066c", "a�b�c"},
		{"NUL and a carriage return", "a\x00b\rc", "a�b�c"},
		{"bytes that are no UTF-8", "a\xffb", "a�b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, printable.Text(tt.give))
		})
	}
}
