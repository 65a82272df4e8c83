package leash

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
)

// The ports that FreePort chooses from: below those that systems give to
// outgoing connections (32768 and up on Linux, 49152 on macOS), one of which
// could otherwise take a port before the program does that it was chosen for.
const firstPort, lastPort = 20000, 32000

// taken are the UDP ports of the numbers that were chosen here. They tell other
// processes that choose as well, until this one ends.
var (
	taking sync.Mutex
	taken  []net.PacketConn
)

// FreePort returns a port of the loopback address that nobody listens on, for
// a program that must be told one. It is chosen once, of all processes that
// choose by this function, however long the program takes to listen.
func FreePort() (int, error) {
	var last error
	for range 100 {
		port := firstPort + rand.IntN(lastPort-firstPort)
		if last = take(port); last == nil {
			return port, nil
		}
	}
	return 0, errors.Join(errors.New("no free port"), last)
}

// take chooses a port unless it is taken, or somebody listens there.
func take(port int) error {
	address := fmt.Sprintf("127.0.0.1:%d", port)
	mine, err := net.ListenPacket("udp", address)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return errors.Join(err, mine.Close())
	}
	taking.Lock()
	defer taking.Unlock()
	taken = append(taken, mine)
	return listener.Close()
}
