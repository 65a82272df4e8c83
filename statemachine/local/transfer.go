package local

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/digipres/sync-users/statemachine/local/transfer"
)

const (
	// SyncTransferUsers is the system that syncs the users of AWS Transfer Family.
	SyncTransferUsers = "sync-transfer-users"
	// TransferManagedBucket is its managed bucket.
	TransferManagedBucket = "digipres-sftp1-managed"
)

var syncTransferUsers = system{
	name:      SyncTransferUsers,
	stack:     "sync-transfer-users",
	mailbox:   "transfer-mailbox",
	seedFirst: true, // The id of the Transfer server is one of the settings.
	settings: func(c *Cloud) map[string]string {
		return map[string]string{
			"server":             "transfer",
			"transferServer":     c.TransferServerID,
			"createTransferRole": "true",
			"managedBucket":      TransferManagedBucket,
		}
	},
	seed: func(c *Cloud, ctx context.Context) error {
		if err := c.createManagedBucket(ctx, TransferManagedBucket); err != nil {
			return err
		}
		return c.StartTransfer(ctx)
	},
	exports: func(a *Addresses, d *Deployment) []Value {
		return []Value{
			{"TRANSFER_SERVER_ID", a.TransferServerID},
			{"TRANSFER_SFTP_PORT", strconv.Itoa(a.TransferSFTPPort)},
			{"TRANSFER_STATE_MACHINE_ARN", d.Outputs.StateMachineArn},
			{"TRANSFER_RUNS_BUCKET", d.Outputs.RunsBucketName},
			{"TRANSFER_MANAGED_BUCKET", d.Outputs.ManagedBucketName},
			{"TRANSFER_TOPIC_ARN", d.Outputs.TopicArn},
			{"TRANSFER_ROLE_ARN", d.Outputs.TransferRoleArn},
		}
	},
	summary: func(a *Addresses, d *Deployment) []Value {
		return []Value{
			{"Transfer server", a.TransferServerID},
			{"  SFTP", fmt.Sprintf("127.0.0.1 port %d", a.TransferSFTPPort)},
			{"  state machine", d.Outputs.StateMachineArn},
			{"  managed bucket", d.Outputs.ManagedBucketName},
		}
	},
}

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
