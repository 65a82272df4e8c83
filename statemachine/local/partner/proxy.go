package partner

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// proxy is the address of the server, which is known before SFTPGo has chosen its port. It
// counts connections.
type proxy struct {
	listener net.Listener

	mu     sync.Mutex
	target string
	down   bool
	open   map[net.Conn]bool
	most   int
	// bytesPerSecond limits what one connection sends to the server; 0 for no limit.
	bytesPerSecond atomic.Int64
}

func newProxy() (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: listener, open: map[net.Conn]bool{}}
	go p.accept()
	return p, nil
}

// Port is where the server speaks SFTP, on 127.0.0.1.
func (p *proxy) Port() int { return p.listener.Addr().(*net.TCPAddr).Port }

// SetDown has the server answer no more, and cuts all connections, or answer again.
func (p *proxy) SetDown(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
	for connection := range p.open {
		if down {
			_ = connection.Close()
		}
	}
}

// SetBytesPerSecond has each connection send no more than that to the server; 0 is no limit.
func (p *proxy) SetBytesPerSecond(rate int64) { p.bytesPerSecond.Store(rate) }

// Connections returns how many connections are open.
func (p *proxy) Connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.open)
}

// ResetMostConnections returns how many connections were open at the same time at most
// since the last call.
func (p *proxy) ResetMostConnections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	most := p.most
	p.most = len(p.open)
	return most
}

func (p *proxy) accept() {
	for {
		connection, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.forward(connection)
	}
}

func (p *proxy) forward(client net.Conn) {
	defer client.Close()
	if !p.add(client) {
		return
	}
	defer p.remove(client)
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(server, limited{client, &p.bytesPerSecond})
		_ = server.(*net.TCPConn).CloseWrite()
	}()
	_, _ = io.Copy(client, server)
}

// limited is a connection that is read at no more than a rate.
type limited struct {
	net.Conn
	bytesPerSecond *atomic.Int64
}

func (l limited) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p[:min(len(p), 16<<10)])
	if rate := l.bytesPerSecond.Load(); rate > 0 {
		time.Sleep(time.Duration(int64(n) * int64(time.Second) / rate))
	}
	return n, err
}

func (p *proxy) add(connection net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down || p.target == "" {
		return false
	}
	p.open[connection] = true
	p.most = max(p.most, len(p.open))
	return true
}

func (p *proxy) remove(connection net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, connection)
}

func (p *proxy) setTarget(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = address
}
