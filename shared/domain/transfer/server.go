package transfer

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/syncuser"
)

// Server is a Transfer server with users that follow IAM users.
type Server struct {
	Syncer      Syncer
	Description DescriptionReader
}

var _ syncuser.Server = Server{}

// DescriptionReader reads the server.
type DescriptionReader interface {
	// Description returns the server's description, or Misconfigured if there is no such
	// server.
	Description(ctx context.Context) (Description, error)
}

// Description is what a Transfer server is, in the words of AWS
// (https://docs.aws.amazon.com/transfer/latest/APIReference/API_DescribedServer.html).
type Description struct {
	ID string
	// State is ONLINE for a server that people can log in to.
	State string
	// IdentityProvider is SERVICE_MANAGED for a server that has users.
	IdentityProvider string
	// Domain is S3 for a server that shows buckets.
	Domain string
}

// Check returns why users can't be synced: Unavailable while the server starts or
// stops, otherwise Misconfigured.
func (d Description) Check() error {
	kind, problem := errkind.Misconfigured, ""
	switch {
	case d.IdentityProvider != "SERVICE_MANAGED":
		problem = fmt.Sprintf("has the identity provider %s; only one with SERVICE_MANAGED has users that can be synced", d.IdentityProvider)
	case d.Domain != "S3":
		problem = fmt.Sprintf("shows %s; only one that shows S3 can show buckets", d.Domain)
	case d.State == "STARTING" || d.State == "STOPPING":
		kind, problem = errkind.Unavailable, fmt.Sprintf("is %s", d.State)
	case d.State != "ONLINE":
		problem = fmt.Sprintf("is %s; start it with `aws transfer start-server --server-id %s`", d.State, d.ID)
	default:
		return nil
	}
	return errkind.Errorf(kind, "the Transfer server %s %s", d.ID, problem)
}

// Check describes the server, and returns an error if users can't be synced.
func (s Server) Check(ctx context.Context) error {
	description, err := s.Description.Description(ctx)
	if err == nil {
		err = description.Check()
	}
	if err != nil {
		return fmt.Errorf("describe the Transfer server, before any user is synced: %w", err)
	}
	slog.InfoContext(ctx, "Transfer answers", "server", description.ID, "state", description.State)
	return nil
}

// SyncUser calls Syncer.Sync. The event's RefreshKeys has no meaning, because nobody's
// keys are stored in Transfer.
func (s Server) SyncUser(ctx context.Context, event syncuser.Event) (run.Result, error) {
	return s.Syncer.Sync(ctx, event.User, event.DryRun)
}

// DeleteLeftovers does nothing, because a user is written by one call or not at all.
func (Server) DeleteLeftovers(context.Context, bool) error { return nil }
