package sftp

import (
	"context"
	"errors"
	"io/fs"
	"path"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

// Stat describes a file or directory.
func (c *Client) Stat(ctx context.Context, path string) (sendfile.Info, error) {
	s, err := c.current()
	if err != nil {
		return sendfile.Info{}, err
	}
	defer s.begin(ctx)()
	info, err := s.sftp.Stat(path)
	if err != nil {
		return sendfile.Info{}, s.classify(ctx, "look for", path, err)
	}
	return sendfile.Info{Size: info.Size(), ModifiedAt: info.ModTime(), IsDirectory: info.IsDir()}, nil
}

// Remove removes a file.
func (c *Client) Remove(ctx context.Context, path string) error {
	s, err := c.current()
	if err != nil {
		return err
	}
	defer s.begin(ctx)()
	return s.classify(ctx, "remove", path, s.sftp.Remove(path))
}

// MakeDirectories makes a directory and all that it is in. It returns Conflict if a file is in
// the way. An account that may not look for directories may make them.
func (c *Client) MakeDirectories(ctx context.Context, directory string) error {
	if directory == "." || directory == "/" {
		return nil
	}
	made := c.makeDirectory(ctx, directory)
	if errors.Is(made, fs.ErrNotExist) {
		if err := c.MakeDirectories(ctx, path.Dir(directory)); err != nil {
			return err
		}
		made = c.makeDirectory(ctx, directory)
	}
	if made == nil {
		return nil
	}
	info, err := c.Stat(ctx, directory)
	switch {
	case err == nil && info.IsDirectory: // It was there, or somebody else has made it.
		return nil
	case err == nil:
		return errkind.Errorf(errkind.Conflict, "there is a file at %s, where a directory shall be; have it removed, or set another directory", directory)
	}
	return made
}

func (c *Client) makeDirectory(ctx context.Context, directory string) error {
	s, err := c.current()
	if err != nil {
		return err
	}
	defer s.begin(ctx)()
	return s.classify(ctx, "make the directory", directory, s.sftp.Mkdir(directory))
}

// PosixRename renames by the extension posix-rename@openssh.com, whether the server announces
// it or not: SFTPGo 2.6 has it and does not announce it.
func (c *Client) PosixRename(ctx context.Context, from, to string) error {
	s, err := c.current()
	if err != nil {
		return err
	}
	defer s.begin(ctx)()
	return s.classify(ctx, "rename to", to, s.sftp.PosixRename(from, to))
}

// Rename renames as the protocol has it, which fails on most servers if there is a target.
func (c *Client) Rename(ctx context.Context, from, to string) error {
	s, err := c.current()
	if err != nil {
		return err
	}
	defer s.begin(ctx)()
	return s.classify(ctx, "rename to", to, s.sftp.Rename(from, to))
}
