package leash

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
)

// The ports that FreePort chooses from: below those that systems give to
// outgoing connections (32768 and up on Linux, 49152 on macOS), one of which
// could otherwise take a port before the program does that it was chosen for.
const firstPort, lastPort = 20000, 32000

// FreePort returns a port of the loopback address that nobody listens on, for
// a program that must be told one.
func FreePort() (int, error) {
	var last error
	for range 100 {
		port := firstPort + rand.IntN(lastPort-firstPort)
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return port, listener.Close()
		}
		last = err
	}
	return 0, errors.Join(errors.New("no free port"), last)
}
