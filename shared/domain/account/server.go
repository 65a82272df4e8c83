package account

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/syncuser"
)

// Server is an SFTPGo server with accounts that follow IAM users.
type Server struct {
	Syncer  Syncer
	Cleaner Cleaner
	Version VersionReader
}

var _ syncuser.Server = Server{}

// VersionReader reads the SFTPGo server's version.
type VersionReader interface {
	// Version returns the server's version.
	Version(ctx context.Context) (string, error)
}

// Check asks the server for its version.
func (s Server) Check(ctx context.Context) error {
	version, err := s.Version.Version(ctx)
	if err != nil {
		return fmt.Errorf("ask SFTPGo, before any user is synced: %w", err)
	}
	slog.InfoContext(ctx, "SFTPGo answers", "version", version)
	return nil
}

// SyncUser calls Syncer.Sync.
func (s Server) SyncUser(ctx context.Context, event syncuser.Event) (run.Result, error) {
	syncer := s.Syncer
	syncer.RefreshKeys = event.RefreshKeys
	return syncer.Sync(ctx, event.User, event.DryRun)
}

// DeleteLeftovers calls Cleaner.DeleteLeftovers.
func (s Server) DeleteLeftovers(ctx context.Context, dryRun bool) error {
	names, err := s.Cleaner.DeleteLeftovers(ctx, dryRun)
	slog.InfoContext(ctx, "leftover folders", "folders", syncuser.JoinNames(names), "dryRun", strconv.FormatBool(dryRun))
	return err
}

// Paths returns the paths of a user's account as they are and as they should be; false
// if there is no account.
func (s Server) Paths(ctx context.Context, user run.User) (paths []syncuser.Path, found bool, err error) {
	current, plan, err := s.Syncer.Preview(ctx, user)
	if errors.Is(err, ErrNoAccount) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return plan.Paths(current), true, nil
}
