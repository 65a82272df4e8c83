package local

import (
	"context"
	"os"
	"path/filepath"

	"github.com/digipres/sync-users/statemachine/local/transfer"
)

// StartTransfer creates a Transfer server whose users can log in, and notes it in the
// addresses. AWS must be up.
func (c *Cloud) StartTransfer(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	folder := filepath.Join(c.folder, "transfer")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	server, err := transfer.Start(ctx, transfer.Config{
		Endpoint: c.Endpoint,
		Binary:   c.artifacts.sftpgo(),
		Folder:   folder,
		Log:      c.logPath("transfer"),
		ErrorLog: c.log,
	})
	if err != nil {
		return c.startError("transfer", err)
	}
	c.add(part{name: "transfer", stop: server.Stop, done: server.Done})
	c.TransferServerID, c.TransferSFTPPort = server.ID, server.SFTPPort
	c.report("Transfer server %s is up", server.ID)
	return nil
}
