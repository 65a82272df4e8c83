package sendfile_test

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/digipres/sync-users/shared/adapter/sftp/sftptest"
)

// faultyServer is an SFTP server over a directory, on which single requests fail.
type faultyServer struct {
	address *net.TCPAddr
	hostKey string
	home    string

	mu sync.Mutex
	// fault is asked before each request, with the protocol's name for it and its path.
	fault func(method, path string) error
	// free is the free space in bytes, if limited.
	free    uint64
	limited bool
	logins  int
}

// newServer starts a server with one host key.
func newServer(t *testing.T, key any) *faultyServer {
	t.Helper()
	s := &faultyServer{home: t.TempDir()}
	config := &ssh.ServerConfig{PasswordCallback: func(_ ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.logins++
		if string(password) != "password" {
			return nil, errors.New("refused")
		}
		return nil, nil
	}}
	s.hostKey = sftptest.AddHostKeys(t, config, key)
	s.address = sftptest.Serve(t, config, func() sftp.Handlers {
		return sftp.Handlers{FileGet: s, FilePut: s, FileCmd: s, FileList: s}
	})
	return s
}

// onRequest sets the fault.
func (s *faultyServer) onRequest(fault func(method, path string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

func (s *faultyServer) ask(method, path string) error {
	s.mu.Lock()
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
	server := newServer(t, sftptest.ECDSAKey(t))
	w := newWorldAt(t, server.address, server.hostKey)
	w.home = server.home
	return w, server
}
