package connectors

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/transfer/types"
	"golang.org/x/crypto/ssh"
)

// testConnection logs in to a connector's server at once, beside what waits. For a connector
// without trusted host keys it finds out the server's.
func (s *Service) testConnection(ctx context.Context, connector *types.DescribedConnector) (any, *Refusal) {
	if !s.tests.allow() {
		return nil, Throttling
	}
	answer := map[string]any{"ConnectorId": *connector.ConnectorId, "Status": "OK", "StatusMessage": "Connection succeeded"}
	failure := s.before(Work{"TestConnection", *connector.ConnectorId, ""})
	if failure == nil {
		var open *connection
		open, failure = s.connect(ctx, connector)
		open.close()
	}
	if failure == nil {
		return answer, nil
	}
	answer["Status"], answer["StatusMessage"] = "ERROR", failure.Message
	if len(connector.SftpConfig.TrustedHostKeys) == 0 && failure.Code == badHostKey.Code {
		key, err := shownHostKey(ctx, *connector.Url)
		if err != nil {
			answer["StatusMessage"] = noConnection.because(err).Message
			return answer, nil
		}
		answer["SftpConnectionDetails"] = map[string]string{"HostKey": key}
	}
	return answer, nil
}

// errSeen ends a connection when the server has shown its key.
var errSeen = errors.New("the host key was seen")

// shownHostKey returns the line of the host key that a server shows.
func shownHostKey(ctx context.Context, address string) (line string, err error) {
	_, err = dial(ctx, address, &ssh.ClientConfig{
		HostKeyAlgorithms: hostKeys(nil).algorithms(),
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			line = strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
			return errSeen
		},
	})
	if errors.Is(err, errSeen) {
		err = nil
	}
	return line, err
}
