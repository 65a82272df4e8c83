package settings

import (
	"context"

	"github.com/digipres/sync-users/shared/domain/secret"
)

// SFTPGo are the settings of the connection to the SFTPGo server, with an API key or
// else a username and password. Each value may be a reference; see Resolve. The
// server's client checks that the credentials are complete.
type SFTPGo struct {
	// Host is the server's URL.
	Host     string      `env:"SFTPGO_HOST,notEmpty"`
	Username string      `env:"SFTPGO_USERNAME"`
	Password secret.Text `env:"SFTPGO_PASSWORD"`
	APIKey   secret.Text `env:"SFTPGO_API_KEY"`
}

// Resolver resolves settings that refer to a value elsewhere.
type Resolver interface {
	// Resolve returns the value that a setting refers to, or the value itself if it
	// is not a reference.
	Resolve(ctx context.Context, setting, value string) (string, error)
}

// Resolve returns the settings with all references resolved. With an API key, it
// leaves out the username and password, which are not needed.
func (s SFTPGo) Resolve(ctx context.Context, resolver Resolver) (SFTPGo, error) {
	if !s.APIKey.Empty() {
		s.Username, s.Password = "", secret.Text{}
	}
	var err error
	resolve := func(setting, value string) string {
		if err == nil {
			value, err = resolver.Resolve(ctx, setting, value)
		}
		return value
	}
	s.Host = resolve("SFTPGO_HOST", s.Host)
	s.Username = resolve("SFTPGO_USERNAME", s.Username)
	s.Password = secret.New(resolve("SFTPGO_PASSWORD", s.Password.Reveal()))
	s.APIKey = secret.New(resolve("SFTPGO_API_KEY", s.APIKey.Reveal()))
	return s, err
}
