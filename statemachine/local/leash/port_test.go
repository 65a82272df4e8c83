package leash

import (
	"fmt"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAPortIsChosenOnce(t *testing.T) {
	t.Parallel()
	port, err := FreePort()
	require.NoError(t, err)
	require.Error(t, take(port), "it is somebody's, though nobody listens yet")

	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	require.NoError(t, err, "it is there for whom it was chosen")
	assert.NoError(t, listener.Close())
}

func TestAPortWhereSomebodyListensIsNotChosen(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })

	assert.Error(t, take(listener.Addr().(*net.TCPAddr).Port))
}
