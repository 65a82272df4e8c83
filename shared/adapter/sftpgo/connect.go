package sftpgo

import (
	"context"

	"github.com/digipres/sync-users/shared/settings"
)

// Connect makes a client of a deployment's settings, as they are in the place
// that they refer to. A Lambda may live longer than the password that it began
// with, so credentials that the server refuses are looked up there again.
func Connect(ctx context.Context, s settings.SFTPGo, references settings.Resolver) (*Client, error) {
	at, err := s.Resolve(ctx, references)
	if err != nil {
		return nil, err
	}
	return New(Config{
		Host:        at.Host,
		Credentials: CredentialsFrom(at),
		ReloadCredentials: func(ctx context.Context) (Credentials, error) {
			at, err := s.Resolve(ctx, references)
			return CredentialsFrom(at), err
		},
	})
}

// CredentialsFrom gives those of resolved settings.
func CredentialsFrom(s settings.SFTPGo) Credentials {
	return Credentials{Username: s.Username, Password: s.Password, APIKey: s.APIKey}
}
