package connect

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/shared/adapter/awsssm"
	"github.com/digipres/sync-users/shared/adapter/sftpgo"
	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/settings"
)

// SFTPGoFlags say how to connect to SFTPGo.
type SFTPGoFlags struct {
	host, username, password, apiKey string
}

// Add adds the flags to a command.
func (f *SFTPGoFlags) Add(flags *pflag.FlagSet) {
	flags.StringVar(&f.host, "sftpgo-host", "", "SFTPGo's URL (default $SFTPGO_HOST)")
	flags.StringVar(&f.username, "sftpgo-username", "", "SFTPGo administrator (default $SFTPGO_USERNAME)")
	flags.StringVar(&f.password, "sftpgo-password", "", "reference to the password, such as ssm:/sftpgo/password (default $SFTPGO_PASSWORD)")
	flags.StringVar(&f.apiKey, "sftpgo-api-key", "", "reference to an API key instead (default $SFTPGO_API_KEY)")
}

// SFTPGoHint says how to configure the connection to SFTPGo.
const SFTPGoHint = "Set SFTPGO_HOST, and SFTPGO_USERNAME and SFTPGO_PASSWORD or SFTPGO_API_KEY, or their flags; a value may be a reference such as ssm:/sftpgo/password."

// Admin is the administrator with whose credentials SFTPGo is called.
type Admin interface {
	Version(ctx context.Context) (string, error)
	// CheckPermission returns AccessDenied if the administrator lacks one of
	// sftpgo.RequiredPermissions.
	CheckPermission(ctx context.Context, permission string) error
}

func (c *connections) sftpgo(ctx context.Context) (Server, error) {
	cfg, err := c.config(ctx)
	if err != nil {
		return Server{}, err
	}
	environment, err := c.flags.Server.SFTPGo.override(os.Environ())
	if err != nil {
		return Server{}, err
	}
	s, err := settings.Read[settings.SyncUser](environment)
	if err != nil {
		return Server{}, hint.With(err, SFTPGoHint)
	}
	parameters := awsssm.NewParameters(cfg)
	connection, err := s.SFTPGo.Resolve(ctx, parameters)
	if err != nil {
		return Server{}, err
	}
	client, err := sftpgo.New(sftpgo.Config{
		Host:          connection.Host,
		Credentials:   sftpgo.CredentialsFrom(connection),
		WrapTransport: logRequests,
	})
	if err != nil {
		return Server{}, hint.With(err, SFTPGoHint)
	}
	keys := awsssm.NewKeys(parameters, s.AccessKeyPrefix, s.SecretKeyPrefix)
	return Server{
		Product: "SFTPGo", Address: connection.Host,
		Users: account.Server{
			Syncer:  account.Syncer{Accounts: client, FolderReader: client, FolderWriter: client, Keys: keys, S3Endpoint: s.S3Endpoint},
			Cleaner: account.Cleaner{Lister: client, Reader: client, Writer: client},
			Version: client,
		},
		Admin: client, Keys: keys,
		Accounts: account.Mappings{Lister: client}, Folders: client,
	}, nil
}

// override returns the environment with the flags in place of its variables. It
// refuses a secret, because every user of the machine can read a process's
// arguments.
func (f *SFTPGoFlags) override(environment []string) ([]string, error) {
	for flag, value := range map[string]string{"--sftpgo-password": f.password, "--sftpgo-api-key": f.apiKey} {
		if value != "" && !strings.HasPrefix(value, "ssm:") {
			return nil, hint.With(
				fmt.Errorf("%s must be a reference to Parameter Store, because every user of this machine can read a command's arguments", flag),
				fmt.Sprintf("Put the secret into the environment, or into Parameter Store and name it: %s ssm:/sftpgo/password.", flag))
		}
	}
	if f.password != "" {
		// The environment's API key would take precedence over the password.
		environment = append(environment, "SFTPGO_API_KEY=")
	}
	for name, value := range map[string]string{
		"SFTPGO_HOST": f.host, "SFTPGO_USERNAME": f.username, "SFTPGO_PASSWORD": f.password, "SFTPGO_API_KEY": f.apiKey,
	} {
		if value != "" {
			environment = append(environment, name+"="+value)
		}
	}
	return environment, nil
}
