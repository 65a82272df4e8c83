package settings

import (
	"context"
	"net"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/secret"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

// SFTP are the settings of the connection to a partner's SFTP server, with a password or
// a private key. Each value may be a reference; see Resolve. The names are those of
// lambda-s3-sftp (https://github.com/yunojuno/lambda-s3-sftp).
type SFTP struct {
	Host     string      `env:"SSH_HOST,notEmpty"`
	Port     int         `env:"SSH_PORT" envDefault:"22"`
	Username string      `env:"SSH_USERNAME,notEmpty"`
	Password secret.Text `env:"SSH_PASSWORD"`
	// PrivateKey is in PEM, or a reference, which may also be `bucket:key` for an object
	// in S3. Passphrase decrypts it.
	PrivateKey secret.Text `env:"SSH_PRIVATE_KEY"`
	Passphrase secret.Text `env:"SSH_PRIVATE_KEY_PASSPHRASE"`
	// HostKeys are the server's host keys, as lines of OpenSSH's known_hosts or as
	// `<type> <base64>`. Lines are separated by line breaks or semicolons.
	HostKeys string `env:"SSH_HOST_KEYS,notEmpty"`
	// StallLimit is how long the server may leave requests unanswered.
	StallLimit time.Duration `env:"SSH_STALL_LIMIT" envDefault:"60s"`
}

// Validate returns Misconfigured if there are neither a password nor a private key, or
// no valid port.
func (s SFTP) Validate() error {
	switch {
	case s.Password.Empty() && s.PrivateKey.Empty():
		return errkind.Errorf(errkind.Misconfigured, "set SSH_PASSWORD or SSH_PRIVATE_KEY")
	case s.StallLimit < time.Second:
		return errkind.Errorf(errkind.Misconfigured, "SSH_STALL_LIMIT is %s; it must be 1s or more", s.StallLimit)
	case s.Port < 1 || s.Port > 65535:
		return errkind.Errorf(errkind.Misconfigured, "SSH_PORT is %d; it must be 1 to 65535", s.Port)
	}
	return nil
}

// Address returns the server's name and port.
func (s SFTP) Address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// keyObject matches `bucket:key`
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html).
var keyObject = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]:[^\s]+$`)

// Resolve returns the settings with all references resolved. Objects resolves the
// reference of a private key in S3.
func (s SFTP) Resolve(ctx context.Context, resolver, objects Resolver) (SFTP, error) {
	var err error
	resolve := func(resolver Resolver, setting, value string) string {
		if err == nil {
			value, err = resolver.Resolve(ctx, setting, value)
		}
		return value
	}
	s.Host = resolve(resolver, "SSH_HOST", s.Host)
	s.Username = resolve(resolver, "SSH_USERNAME", s.Username)
	s.Password = secret.New(resolve(resolver, "SSH_PASSWORD", s.Password.Reveal()))
	given := s.PrivateKey.Reveal()
	key := resolve(resolver, "SSH_PRIVATE_KEY", given)
	if key == given && keyObject.MatchString(key) {
		key = resolve(objects, "SSH_PRIVATE_KEY", key)
	}
	s.PrivateKey = secret.New(key)
	s.Passphrase = secret.New(resolve(resolver, "SSH_PRIVATE_KEY_PASSPHRASE", s.Passphrase.Reveal()))
	s.HostKeys = resolve(resolver, "SSH_HOST_KEYS", s.HostKeys)
	return s, err
}

// Resolvers resolve by the first one that knows a reference.
type Resolvers []Resolver

// Resolve returns the value of the first resolver that returns another value.
func (r Resolvers) Resolve(ctx context.Context, setting, value string) (string, error) {
	for _, resolver := range r {
		if resolved, err := resolver.Resolve(ctx, setting, value); err != nil || resolved != value {
			return resolved, err
		}
	}
	return value, nil
}

// Sending are the settings that say which objects are sent, and how.
type Sending struct {
	RunsBucket string `env:"RUNS_BUCKET,notEmpty"`
	// SourceBucket and SourcePrefix are where the objects are.
	SourceBucket string `env:"SOURCE_BUCKET,notEmpty"`
	SourcePrefix string `env:"SOURCE_PREFIX"`
	// Directory and Name are templates; see destpath.Template.
	Directory string `env:"SSH_DIR"`
	Name      string `env:"SSH_FILENAME" envDefault:"{key}"`
	// After is delete, keep, tag or archive:<prefix>; Existing is replace, keep, fail or
	// rename; Verify is size or content.
	After    string `env:"AFTER" envDefault:"delete"`
	Existing string `env:"EXISTING" envDefault:"replace"`
	Verify   string `env:"VERIFY" envDefault:"size"`
	// Include and Exclude are patterns; see destpath.Filter.
	Include []string `env:"INCLUDE"`
	Exclude []string `env:"EXCLUDE"`
}

// SendFile are the settings of the function send-file.
type SendFile struct {
	SFTP
	Sending
}

// ListObjects are the settings of the function list-objects.
type ListObjects struct {
	Sending
	// MaxConnections is how many objects are sent at once.
	MaxConnections int `env:"MAX_CONNECTIONS" envDefault:"10"`
	// InvocationTimeout is how long an invocation of any function of the workflow may take.
	InvocationTimeout time.Duration `env:"INVOCATION_TIMEOUT" envDefault:"600s"`
}

// Validate returns Misconfigured if MaxConnections is below 1: to a Map, 0 means no limit.
func (s ListObjects) Validate() error {
	if s.MaxConnections < 1 {
		return errkind.Errorf(errkind.Misconfigured, "MAX_CONNECTIONS is %d; it must be 1 or more", s.MaxConnections)
	}
	_, err := s.Options()
	return err
}

// Validate returns Misconfigured with every wrong setting.
func (s SendFile) Validate() error {
	var problems []string
	if err := s.SFTP.Validate(); err != nil {
		problems = append(problems, err.Error())
	}
	if _, err := s.Options(); err != nil {
		problems = append(problems, err.Error())
	}
	if len(problems) == 0 {
		return nil
	}
	return errkind.Errorf(errkind.Misconfigured, "%s", strings.Join(problems, "; "))
}

// Options returns how objects are sent.
func (s Sending) Options() (sendfile.Options, error) {
	return sendfile.NewOptions(sendfile.Config{
		Prefix: s.SourcePrefix, Directory: s.Directory, Name: s.Name,
		After: s.After, Existing: s.Existing, Verify: s.Verify, Include: s.Include, Exclude: s.Exclude,
	})
}

// FixedDirectory returns the part of Directory before the first placeholder; "." for the directory
// that the server shows after the login.
func (s Sending) FixedDirectory() string {
	fixed, _, hasPlaceholder := strings.Cut(s.Directory, "{")
	if hasPlaceholder { // It may begin within a name.
		fixed = fixed[:strings.LastIndex(fixed, "/")+1]
	}
	return path.Clean(fixed)
}

// SameLogin reports whether two settings log in with the same credentials.
func (s SFTP) SameLogin(other SFTP) bool {
	return s.Username == other.Username && s.Password.Reveal() == other.Password.Reveal() &&
		s.PrivateKey.Reveal() == other.PrivateKey.Reveal() && s.Passphrase.Reveal() == other.Passphrase.Reveal()
}
