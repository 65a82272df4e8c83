package sftp

import (
	"context"
	"errors"
	"net"
	"strings"

	pkgsftp "github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/settings"
)

// clientVersion is how the client introduces itself, so that a server's log tells who it is.
const clientVersion = "SSH-2.0-send-files"

// dial connects, checks the host key and logs in.
func (c *Client) dial(ctx context.Context, s settings.SFTP) (*session, error) {
	keys, err := parseHostKeys(s.HostKeys)
	if err != nil {
		return nil, err
	}
	auth, err := authMethods(s)
	if err != nil {
		return nil, err
	}
	config := clientConfig(s.Username, auth)
	config.HostKeyCallback, config.HostKeyAlgorithms = keys.check, keys.algorithms()
	client, err := dialSSH(ctx, s.Address(), config)
	if err != nil {
		return nil, loginError(ctx, s, err)
	}
	channel, err := newChannel(client)
	if err != nil {
		_ = client.Close()
		return nil, errkind.Errorf(errkind.Unavailable, "the server opened no SFTP session: %w", err)
	}
	return newSession(client, channel, s.StallLimit), nil
}

// clientConfig allows the algorithms that x/crypto/ssh holds for secure, without SHA-1.
func clientConfig(username string, auth []ssh.AuthMethod) *ssh.ClientConfig {
	secure := ssh.SupportedAlgorithms()
	return &ssh.ClientConfig{
		Config: ssh.Config{
			KeyExchanges: secure.KeyExchanges,
			Ciphers:      secure.Ciphers,
			MACs:         []string{ssh.HMACSHA256ETM, ssh.HMACSHA512ETM, ssh.HMACSHA256, ssh.HMACSHA512},
		},
		User: username, Auth: auth, ClientVersion: clientVersion,
	}
}

func newChannel(client *ssh.Client) (*pkgsftp.Client, error) {
	return pkgsftp.NewClient(client, pkgsftp.UseConcurrentReads(true), pkgsftp.MaxConcurrentRequestsPerFile(64))
}

// dialSSH makes an SSH connection within the time of the context.
func dialSSH(ctx context.Context, address string, config *ssh.ClientConfig) (*ssh.Client, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	sshConn, channels, requests, err := ssh.NewClientConn(conn, address, config)
	if !stop() {
		_ = conn.Close()
		return nil, errors.Join(ctx.Err(), err)
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return ssh.NewClient(sshConn, channels, requests), nil
}

// loginError returns the error of a connection attempt with its kind.
func loginError(ctx context.Context, s settings.SFTP, err error) error {
	var known *errkind.Error
	var negotiation *ssh.AlgorithmNegotiationError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &negotiation):
		// It may have no host key of the types that the settings have.
		if offered, offerErr := OfferedHostKeys(ctx, s.Address()); offerErr == nil && len(offered) > 0 && strings.Contains(negotiation.What, "host key") {
			return changedHostKey(offered...)
		}
		return errkind.Errorf(errkind.Misconfigured,
			"the server has no secure %s in common with this client; ask the partner to allow one of %s: %w",
			negotiation.What, strings.Join(negotiation.SupportedAlgorithms, ", "), err)
	case strings.Contains(err.Error(), "unable to authenticate"):
		return errkind.Errorf(errkind.LoginRefused,
			"the server refuses the login of %s; check SSH_USERNAME, and SSH_PASSWORD or SSH_PRIVATE_KEY, with the partner: %w", s.Username, err)
	}
	return errkind.Errorf(errkind.Unavailable, "%w", err)
}
