package sendfile_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/pkg/sftp"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
)

// faultyServer is an SFTP server over a directory, on which single requests fail.
type faultyServer struct {
	address *net.TCPAddr
	hostKey string
	home    string
	config  *ssh.ServerConfig

	mu sync.Mutex
	// fault is asked before each request, with the protocol's name for it and its path.
	fault func(method, path string) error
	// free is the free space in bytes, if limited.
	free    uint64
	limited bool
	counts  map[string]int
	logins  int
}

// newServer starts a server with one host key.
func newServer(t *testing.T, key any, configure ...func(*ssh.ServerConfig)) *faultyServer {
	t.Helper()
	if key == nil {
		var err error
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(t, err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &faultyServer{
		address: listener.Addr().(*net.TCPAddr), home: t.TempDir(), counts: map[string]int{},
		hostKey: string(ssh.MarshalAuthorizedKey(signer.PublicKey())),
	}
	s.config = &ssh.ServerConfig{PasswordCallback: func(_ ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.logins++
		if string(password) != "password" {
			return nil, errors.New("refused")
		}
		return nil, nil
	}}
	for _, change := range configure {
		change(s.config)
	}
	s.config.AddHostKey(signer)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go s.serve(conn)
		}
	}()
	t.Cleanup(func() { _ = listener.Close() })
	return s
}

func (s *faultyServer) serve(conn net.Conn) {
	defer conn.Close()
	_, channels, requests, err := ssh.NewServerConn(conn, s.config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for offered := range channels {
		channel, requests, err := offered.Accept()
		if err != nil {
			return
		}
		go func() {
			for request := range requests {
				_ = request.Reply(request.Type == "subsystem", nil)
			}
		}()
		go func() {
			defer channel.Close()
			handlers := sftp.Handlers{FileGet: s, FilePut: s, FileCmd: s, FileList: s}
			_ = sftp.NewRequestServer(channel, handlers).Serve()
		}()
	}
}

// onRequest sets the fault.
func (s *faultyServer) onRequest(fault func(method, path string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

func (s *faultyServer) ask(method, path string) error {
	s.mu.Lock()
	s.counts[method]++
	fault := s.fault
	s.mu.Unlock()
	if fault == nil {
		return nil
	}
	return fault(method, path)
}

func (s *faultyServer) path(path string) string { return filepath.Join(s.home, path) }

func (s *faultyServer) Fileread(r *sftp.Request) (io.ReaderAt, error) {
	if err := s.ask("Get", r.Filepath); err != nil {
		return nil, err
	}
	return os.Open(s.path(r.Filepath))
}

func (s *faultyServer) Filewrite(r *sftp.Request) (io.WriterAt, error) {
	if err := s.ask("Put", r.Filepath); err != nil {
		return nil, err
	}
	flags := os.O_WRONLY | os.O_CREATE
	if r.Pflags().Trunc {
		flags |= os.O_TRUNC
	}
	file, err := os.OpenFile(s.path(r.Filepath), flags, 0o644)
	return faultyFile{file, s, r.Filepath}, err
}

type faultyFile struct {
	*os.File
	server *faultyServer
	path   string
}

func (f faultyFile) WriteAt(p []byte, offset int64) (int, error) {
	if err := f.server.ask("Write", f.path); err != nil {
		return 0, err
	}
	return f.File.WriteAt(p, offset)
}

func (s *faultyServer) Filecmd(r *sftp.Request) error {
	if err := s.ask(r.Method, r.Filepath); err != nil {
		return err
	}
	switch r.Method {
	case "Rename": // fails if there is a target, as OpenSSH's does
		if _, err := os.Lstat(s.path(r.Target)); err == nil {
			return sftp.ErrSSHFxFailure
		}
		return os.Rename(s.path(r.Filepath), s.path(r.Target))
	case "Remove":
		return os.Remove(s.path(r.Filepath))
	case "Mkdir":
		return os.Mkdir(s.path(r.Filepath), 0o755)
	case "Rmdir":
		return os.Remove(s.path(r.Filepath))
	case "Setstat":
		attributes := r.Attributes()
		return os.Chtimes(s.path(r.Filepath), attributes.AccessTime(), attributes.ModTime())
	}
	return sftp.ErrSSHFxOpUnsupported
}

func (s *faultyServer) PosixRename(r *sftp.Request) error {
	if err := s.ask("PosixRename", r.Filepath); err != nil {
		return err
	}
	return os.Rename(s.path(r.Filepath), s.path(r.Target))
}

func (s *faultyServer) StatVFS(*sftp.Request) (*sftp.StatVFS, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.limited {
		return nil, sftp.ErrSSHFxOpUnsupported
	}
	return &sftp.StatVFS{Frsize: 1, Bavail: s.free, Bsize: 1, Bfree: s.free}, nil
}

func (s *faultyServer) Filelist(r *sftp.Request) (sftp.ListerAt, error) {
	if err := s.ask(r.Method, r.Filepath); err != nil {
		return nil, err
	}
	info, err := os.Stat(s.path(r.Filepath))
	return lister{info}, err
}

type lister []os.FileInfo

func (l lister) ListAt(to []os.FileInfo, offset int64) (int, error) {
	n := copy(to, l[min(int(offset), len(l)):])
	if n < len(to) {
		return n, io.EOF
	}
	return n, nil
}

// newFaultyWorld returns a world whose partner is a faulty server.
func newFaultyWorld(t *testing.T) (*world, *faultyServer) {
	t.Helper()
	server := newServer(t, nil)
	w := newWorldAt(t, server.address, server.hostKey)
	w.home = server.home
	return w, server
}

func ed25519Key(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	return key
}

func rsaKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	require.NoError(t, err)
	return key
}
