package connect

import (
	"context"
	"strings"

	"github.com/digipres/sync-users/shared/adapter/awss3"
	"github.com/digipres/sync-users/shared/adapter/awssecretsmanager"
	"github.com/digipres/sync-users/shared/adapter/awsssm"
	"github.com/digipres/sync-users/shared/adapter/sftp"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/shared/settings"
)

// Partner is a partner's SFTP server.
type Partner struct {
	// Settings returns the settings with all references resolved.
	Settings func(context.Context) (settings.SFTP, error)
	Client   PartnerClient
}

// PartnerClient is a client of a partner's SFTP server.
type PartnerClient interface {
	sendfile.Server
	sendfile.Files
	// CountEntries returns how many entries a directory has. The error is fs.ErrNotExist if it
	// is not there.
	CountEntries(ctx context.Context, directory string) (int, error)
}

func (c *connections) Partner(s settings.SFTP) Partner {
	secrets, objects := secretResolver{c}, objectResolver{c}
	return Partner{
		Settings: func(ctx context.Context) (settings.SFTP, error) { return s.Resolve(ctx, secrets, objects) },
		Client:   sftp.New(s, secrets, objects),
	}
}

// secretResolver resolves references to Parameter Store and Secrets Manager. It asks for AWS
// credentials only when there is one.
type secretResolver struct{ *connections }

func (r secretResolver) Resolve(ctx context.Context, setting, value string) (string, error) {
	if !strings.HasPrefix(value, "ssm:") && !strings.HasPrefix(value, "secretsmanager:") {
		return value, nil
	}
	cfg, err := r.config(ctx)
	if err != nil {
		return "", err
	}
	return settings.Resolvers{awsssm.NewParameters(cfg), awssecretsmanager.NewSecrets(cfg)}.Resolve(ctx, setting, value)
}

// objectResolver resolves `bucket:key`.
type objectResolver struct{ *connections }

func (r objectResolver) Resolve(ctx context.Context, setting, value string) (string, error) {
	cfg, err := r.config(ctx)
	if err != nil {
		return "", err
	}
	return awss3.NewTexts(cfg).Resolve(ctx, setting, value)
}
