package settings

import (
	"regexp"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Transfer are the settings for syncing the users of an AWS Transfer Family server, also
// from a command line.
type Transfer struct {
	// ServerID is the server's, such as s-0123456789abcdef0.
	ServerID string `env:"TRANSFER_SERVER_ID,notEmpty"`
	// SessionPolicy is false if what users may do is left to their roles, and not said by
	// session policies.
	SessionPolicy bool `env:"SESSION_POLICY" envDefault:"true"`
}

// serverID matches the id of a Transfer server
// (https://docs.aws.amazon.com/transfer/latest/APIReference/API_DescribeServer.html).
var serverID = regexp.MustCompile(`^s-[0-9a-f]{17}$`)

// Validate returns Misconfigured if ServerID can't be that of a server.
func (s Transfer) Validate() error {
	if !serverID.MatchString(s.ServerID) {
		return errkind.Errorf(errkind.Misconfigured,
			"TRANSFER_SERVER_ID is %q; the id of a server is s- and 17 hexadecimal digits, such as s-0123456789abcdef0", s.ServerID)
	}
	return nil
}

// SyncTransferUserFunction are the settings of the function sync-transfer-user.
type SyncTransferUserFunction struct {
	Transfer
	RunsBucket string `env:"RUNS_BUCKET,notEmpty"`
	// EndSessions is true if open sessions are ended after something was taken away.
	EndSessions bool `env:"END_SESSIONS" envDefault:"false"`
}
