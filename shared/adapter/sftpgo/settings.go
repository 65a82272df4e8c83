package sftpgo

import (
	"context"

	"github.com/digipres/sync-users/shared/settings"
)

// NewFromSettings makes a client of a deployment's settings, whose references it
// resolves. When the server rejects the credentials they are resolved once more,
// because a Lambda may outlive the password that it started with.
func NewFromSettings(ctx context.Context, s settings.SFTPGo, resolver settings.Resolver) (*Client, error) {
	resolved, err := s.Resolve(ctx, resolver)
	if err != nil {
		return nil, err
	}
	return New(Config{
		Host:        resolved.Host,
		Credentials: CredentialsFrom(resolved),
		ReloadCredentials: func(ctx context.Context) (Credentials, error) {
			resolved, err := s.Resolve(ctx, resolver)
			return CredentialsFrom(resolved), err
		},
	})
}

// CredentialsFrom returns the credentials of resolved settings.
func CredentialsFrom(s settings.SFTPGo) Credentials {
	return Credentials{Username: s.Username, Password: s.Password, APIKey: s.APIKey}
}
