package syncusers

import "github.com/digipres/sync-users/infra/construct"

// server is the one on which people have accounts, in names and texts.
type server struct {
	name string
	// function is the folder of the Lambda that syncs one person.
	function string
	// errors is the metric that counts the server's errors.
	errors string
	// hint says what to look at when it fails.
	hint string
}

var (
	sftpgoServer   = server{"SFTPGo", "sync-user", "SFTPGoErrors", "Is SFTPGo up?"}
	transferServer = server{"AWS Transfer Family", "sync-transfer-user", "TransferErrors", "Does AWS report an outage of Transfer Family?"}
)

func (s *Settings) server() server {
	if s.Transfer() {
		return transferServer
	}
	return sftpgoServer
}

// readLockPermission lets a function verify that its run still has the lock.
func readLockPermission(names *construct.Names) construct.Permission {
	return construct.Permission{Actions: []string{"s3:GetObject"}, Resources: names.RunsObjectARNs(construct.LockKey)}
}
