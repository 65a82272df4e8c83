package settings

import (
	"context"

	"github.com/digipres/sync-users/shared/domain/secret"
)

// SFTPGo is how the SFTPGo server is reached: with an API key, or else with a
// username and password. Each value may be a reference; see Resolve. Whether
// they suffice, the client of the server knows.
type SFTPGo struct {
	// Host is the server's URL.
	Host     string      `env:"SFTPGO_HOST,notEmpty"`
	Username string      `env:"SFTPGO_USERNAME"`
	Password secret.Text `env:"SFTPGO_PASSWORD"`
	APIKey   secret.Text `env:"SFTPGO_API_KEY"`
}

// Resolver reads values that stand elsewhere.
type Resolver interface {
	// Resolve gives what a setting's value refers to; a value that is no
	// reference, as it is.
	Resolve(ctx context.Context, setting, value string) (string, error)
}

// Resolve gives the settings with the values that they refer to. With an API
// key, username and password are not needed and left out.
func (s SFTPGo) Resolve(ctx context.Context, references Resolver) (SFTPGo, error) {
	if !s.APIKey.Empty() {
		s.Username, s.Password = "", secret.Text{}
	}
	password, key := s.Password.Reveal(), s.APIKey.Reveal()
	for _, value := range []struct {
		setting string
		at      *string
	}{
		{"SFTPGO_HOST", &s.Host},
		{"SFTPGO_USERNAME", &s.Username},
		{"SFTPGO_PASSWORD", &password},
		{"SFTPGO_API_KEY", &key},
	} {
		resolved, err := references.Resolve(ctx, value.setting, *value.at)
		if err != nil {
			return SFTPGo{}, err
		}
		*value.at = resolved
	}
	s.Password, s.APIKey = secret.New(password), secret.New(key)
	return s, nil
}
