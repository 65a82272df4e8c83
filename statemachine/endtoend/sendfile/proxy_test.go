package sendfile_test

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// proxy forwards connections to a server, and can spoil them.
type proxy struct {
	listener net.Listener
	target   string
	// cutAfter is how many bytes of a connection go to the server before it is cut; 0 means
	// all.
	cutAfter atomic.Int64
	// bytesPerSecond limits what goes to the server; 0 means no limit.
	bytesPerSecond atomic.Int64
	// stalled has nothing come back from the server.
	stalled atomic.Bool

	connections atomic.Int64
	mu          sync.Mutex
	open        []net.Conn
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{listener: listener, target: target}
	go p.serve()
	t.Cleanup(func() {
		_ = listener.Close()
		p.cut()
	})
	return p
}

func (p *proxy) address() *net.TCPAddr { return p.listener.Addr().(*net.TCPAddr) }

// cut cuts all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.open {
		_ = conn.Close()
	}
	p.open = nil
}

func (p *proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.connections.Add(1)
		p.mu.Lock()
		p.open = append(p.open, client, server)
		p.mu.Unlock()
		go p.forward(server, client)
		go func() {
			defer client.Close()
			buffer := make([]byte, 32<<10)
			for {
				n, err := server.Read(buffer)
				for p.stalled.Load() {
					time.Sleep(10 * time.Millisecond)
				}
				if _, writeErr := client.Write(buffer[:n]); err != nil || writeErr != nil {
					return
				}
			}
		}()
	}
}

func (p *proxy) forward(server, client net.Conn) {
	defer server.Close()
	defer client.Close()
	buffer := make([]byte, 16<<10)
	var sent int64
	for {
		n, err := client.Read(buffer)
		if limit := p.cutAfter.Load(); limit > 0 && sent+int64(n) > limit {
			_, _ = server.Write(buffer[:limit-sent])
			return
		}
		if _, writeErr := server.Write(buffer[:n]); err != nil || writeErr != nil {
			return
		}
		sent += int64(n)
		if rate := p.bytesPerSecond.Load(); rate > 0 {
			time.Sleep(time.Duration(int64(n) * int64(time.Second) / rate))
		}
	}
}
