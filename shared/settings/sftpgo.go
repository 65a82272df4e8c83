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
	password, key := s.Password.Reveal(), s.APIKey.Reveal()
	for _, ref := range []struct {
		setting string
		value   *string
	}{
		{"SFTPGO_HOST", &s.Host},
		{"SFTPGO_USERNAME", &s.Username},
		{"SFTPGO_PASSWORD", &password},
		{"SFTPGO_API_KEY", &key},
	} {
		resolved, err := resolver.Resolve(ctx, ref.setting, *ref.value)
		if err != nil {
			return SFTPGo{}, err
		}
		*ref.value = resolved
	}
	s.Password, s.APIKey = secret.New(password), secret.New(key)
	return s, nil
}
