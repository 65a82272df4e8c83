package leash

import "net"

// FreePort returns a port of the loopback address that nobody listens on, for
// a program that must be told one.
func FreePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
