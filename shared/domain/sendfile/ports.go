package sendfile

import (
	"context"
	"errors"
	"io"
	"time"
)

// ErrSourceChanged means that an object is not the version any more that it was; it was
// replaced or deleted.
var ErrSourceChanged = errors.New("the object was replaced or deleted")

// Source reads objects.
type Source interface {
	// Head returns the current version of an object. The error is fs.ErrNotExist if there
	// is none.
	Head(ctx context.Context, bucket, key string) (Object, error)
	// ReadRange fills the buffer from an offset of a version, and returns ErrSourceChanged
	// if it is not the current one any more.
	ReadRange(ctx context.Context, object Object, buffer []byte, offset int64) error
}

// SourceWriter deals with objects that were sent. Its methods do nothing and return
// ErrSourceChanged if the version is not the current one any more.
type SourceWriter interface {
	Delete(ctx context.Context, object Object) error
	// Move moves the object to another key of its bucket, and deletes it only after the
	// copy was compared.
	Move(ctx context.Context, object Object, key string) error
	// AddTag adds a tag, and keeps the others. Characters that a tag can't have are
	// replaced by _.
	AddTag(ctx context.Context, object Object, key, value string) error
}

// Server is the SFTP server. What its methods and those of Files, Renamer and File
// return in time, they return in error as one of errkind's kinds; the error is fs.ErrNotExist
// if a file or directory is not there.
type Server interface {
	// Connect logs in, unless there is a healthy connection. It returns HostKeyChanged and
	// LoginRefused besides Unavailable.
	Connect(ctx context.Context) error
	// Address is the server's name and port, as the settings have it.
	Address() string
	// Close ends the connection, if there is one.
	Close()
}

// Info describes a file on the server.
type Info struct {
	Size        int64
	ModifiedAt  time.Time
	IsDirectory bool
}

// Files are the files on the server, by their path.
type Files interface {
	Stat(ctx context.Context, path string) (Info, error)
	Remove(ctx context.Context, path string) error
	// MakeDirectories makes a directory and all that it is in.
	MakeDirectories(ctx context.Context, path string) error
}

// Renamer renames files on the server.
type Renamer interface {
	// PosixRename replaces the target at once, if there is one. It is an extension
	// (posix-rename@openssh.com), which not every server has.
	PosixRename(ctx context.Context, from, to string) error
	// Rename fails on most servers if there is a target.
	Rename(ctx context.Context, from, to string) error
}

// Opener opens files on the server.
type Opener interface {
	// OpenForWriting opens a file for writing anywhere in it, and creates it if it is not
	// there. It keeps its content. For content of many bytes it may open it more than once.
	OpenForWriting(ctx context.Context, path string, size int64) (File, error)
	// OpenForReading opens a file for reading.
	OpenForReading(ctx context.Context, path string) (ReadFile, error)
}

// File is a file that is being written.
type File interface {
	// Handles are the file, opened at least once.
	Handles() []io.WriterAt
	// Finish has the content stored, sets the modification time and closes the file. It
	// returns the file's size. A server that sets no time is no error.
	Finish(ctx context.Context, modifiedAt time.Time) (size int64, err error)
	// Close closes the file, however it is.
	Close() error
}

// ReadFile is a file that is being read.
type ReadFile interface {
	io.ReaderAt
	io.Closer
}

// Record is what was put in a place of the server. It is what makes a repetition
// harmless: it tells what was sent before, and lets only one version at a time
// be put in a place.
type Record struct {
	// Server and Path are the place.
	Server string `json:"server"`
	Path   string `json:"path"`
	// Object is the version that is there, or is being put there.
	Object Object `json:"object"`
	SHA256 string `json:"sha256,omitempty"`
	// PlacedAt is when it was put there; zero while it is being put there, until
	// ClaimedUntil.
	PlacedAt     time.Time `json:"placedAt,omitzero"`
	ClaimedUntil time.Time `json:"claimedUntil,omitzero"`
	Execution    string    `json:"execution"`
}

// placed reports whether the object is in its place.
func (r Record) placed() bool { return !r.PlacedAt.IsZero() }

// ErrConflict means that a record was written by another invocation.
var ErrConflict = errors.New("the record was written by another invocation")

// Records keeps records by server and path.
type Records interface {
	// Read returns the record of a place and its version; both are zero if there is none.
	Read(ctx context.Context, server, path string) (Record, string, error)
	// CompareAndSwap writes a record if the place's still has that version, and
	// returns the new version. It returns ErrConflict otherwise.
	CompareAndSwap(ctx context.Context, record Record, version string) (string, error)
}
