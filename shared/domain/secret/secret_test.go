package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/secret"
)

func TestTextIsRedactedInEveryOutput(t *testing.T) {
	t.Parallel()
	type exported struct{ Password secret.Text }
	type unexported struct{ password secret.Text }
	text := secret.New("hunter2")
	for _, value := range []any{text, &text, exported{text}, &exported{text}, unexported{text}, &unexported{text}, []secret.Text{text}, map[string]secret.Text{"k": text}} {
		var out bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb, value)
		}
		marshalled, err := json.Marshal(value)
		require.NoError(t, err)
		out.Write(marshalled)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "value", value)
		slog.New(slog.NewTextHandler(&out, nil)).Info("m", "value", value)
		assert.NotContains(t, out.String(), "hunter2")
		assert.NotContains(t, out.String(), "68756e74657232", "in hex")
	}
	assert.Equal(t, "hunter2", text.Reveal())
	assert.False(t, text.Empty())
	assert.True(t, secret.Text{}.Empty())
}
