package connect

import (
	"context"
	"os"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/spf13/pflag"

	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/shared/adapter/awscfn"
	"github.com/digipres/sync-users/shared/adapter/awstransfer"
	"github.com/digipres/sync-users/shared/domain/access"
	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/explain"
	"github.com/digipres/sync-users/shared/domain/syncuser"
	"github.com/digipres/sync-users/shared/domain/transfer"
	"github.com/digipres/sync-users/shared/settings"
)

// ServerFlags say which SFTP server to connect to, and how.
type ServerFlags struct {
	transferServer string
	SFTPGo         SFTPGoFlags
}

// Add adds the flags to a command.
func (f *ServerFlags) Add(flags *pflag.FlagSet) {
	flags.StringVar(&f.transferServer, "transfer-server", "", "id of an AWS Transfer Family server, such as s-0123456789abcdef0, instead of SFTPGo")
	f.SFTPGo.Add(flags)
}

// Server is the SFTP server with the accounts: SFTPGo, or an AWS Transfer Family server.
type Server struct {
	// Product names it, and Address says where it is: a URL, or an id.
	Product, Address string
	Users            Users
	// Admin says what may be done; nil for a server that has no administrators of its own.
	Admin Admin
	// Keys are those with which the server reaches buckets; nil for a server that needs
	// none.
	Keys account.KeyStore
	// Accounts lists what all accounts show.
	Accounts access.Server
	// Folders lists SFTPGo's folders; nil for a server without any.
	Folders account.FolderLister
}

// Users are the server's accounts, which follow IAM users.
type Users interface {
	syncuser.Server
	explain.Server
}

// CheckUsable returns an error if the server can't be used, or its administrator lacks a
// permission.
func (s Server) CheckUsable(ctx context.Context, permissions ...string) error {
	if s.Admin == nil {
		return s.Users.Check(ctx)
	}
	for _, permission := range permissions {
		if err := s.Admin.CheckPermission(ctx, permission); err != nil {
			return err
		}
	}
	return nil
}

// Server returns the Transfer server of the flag, or else the server of the deployed
// CloudFormation stack of that name, or of none if that is empty: a Transfer server if its
// outputs have one, and otherwise SFTPGo. It returns awscfn.ErrNoStack if there is no such
// CloudFormation stack.
func (c *connections) Server(ctx context.Context, stackName string) (Server, error) {
	id, sessionPolicy := c.flags.Server.transferServer, ""
	if id == "" && stackName != "" {
		cfg, err := c.config(ctx)
		if err != nil {
			return Server{}, err
		}
		outputs, err := awscfn.ReadOutputs(ctx, cloudformation.NewFromConfig(cfg), stackName)
		if err != nil {
			return Server{}, err
		}
		id, sessionPolicy, c.accountTag = outputs.TransferServerID, strconv.FormatBool(outputs.SessionPolicy), outputs.AccountTag
	}
	if id == "" {
		return c.sftpgo(ctx)
	}
	return c.transfer(ctx, id, sessionPolicy)
}

// transfer returns a Transfer server. If sessionPolicy is empty, the environment says
// whether there are session policies.
func (c *connections) transfer(ctx context.Context, id, sessionPolicy string) (Server, error) {
	cfg, err := c.config(ctx)
	if err != nil {
		return Server{}, err
	}
	environment := append(os.Environ(), "TRANSFER_SERVER_ID="+id)
	if sessionPolicy != "" {
		environment = append(environment, "SESSION_POLICY="+sessionPolicy)
	}
	s, err := settings.Read[settings.Transfer](environment)
	if err != nil {
		return Server{}, hint.With(err, "`aws transfer list-servers` shows the servers; name one with --transfer-server.")
	}
	server := awstransfer.NewServer(cfg, s.ServerID)
	return Server{
		Product: "AWS Transfer Family", Address: s.ServerID,
		Users:    transfer.Server{Syncer: transfer.Syncer{Users: server, SessionPolicy: s.SessionPolicy}, Description: server},
		Accounts: transfer.Mappings{Lister: server, Users: server},
	}, nil
}
