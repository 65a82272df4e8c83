package connectors

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"
	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// connectLimit is how long a server may take to answer and to log in.
const connectLimit = 30 * time.Second

// connection is a login on a partner's server, and S3 under the connector's role.
type connection struct {
	ssh  *ssh.Client
	sftp *sftp.Client
	s3   *s3.Client
	// ended is closed when the server has closed the connection.
	ended chan struct{}
}

// The messages of TestConnection ("TestConnection" in the API reference of 2023). Failures
// of other operations have them, too, and codes that AWS doesn't document.
var (
	noSecret      = Failure{"SECRET_ERROR", "Unable to access secrets manager"}
	badSecret     = Failure{"SECRET_ERROR", "Private key not found"}
	noConnection  = Failure{"CONNECTION_ERROR", "Unknown Host/Connection failed"}
	badHostKey    = Failure{"HOST_KEY_ERROR", "Invalid trusted host keys"}
	loginRefused  = Failure{"AUTHENTICATION_ERROR", "Unknown Host/Connection failed"}
	roleForbidden = Failure{"ACCESS_ROLE_ERROR", "Unable to assume the access role"}
)

// because returns the failure with what caused it.
func (f Failure) because(err error) *Failure {
	return &Failure{f.Code, f.Message + ": " + err.Error()}
}

// connect logs in to a connector's server, with the secret that its role reads.
func (s *Service) connect(ctx context.Context, connector *types.DescribedConnector) (*connection, *Failure) {
	session, err := s.openSession(ctx, connector)
	if err != nil {
		return nil, roleForbidden.because(err)
	}
	secret, err := secretsmanager.NewFromConfig(session).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: connector.SftpConfig.UserSecretId})
	if err != nil {
		return nil, noSecret.because(err)
	}
	login, err := parseSecret(aws.ToString(secret.SecretString))
	if err != nil {
		return nil, badSecret.because(err)
	}
	methods, err := login.methods()
	if err != nil {
		return nil, badSecret.because(err)
	}
	keys, err := parseHostKeys(connector.SftpConfig.TrustedHostKeys)
	if err != nil {
		return nil, badHostKey.because(err)
	}
	if len(keys) == 0 {
		return nil, badHostKey.because(errors.New("the connector has none"))
	}
	client, err := dial(ctx, *connector.Url, &ssh.ClientConfig{
		User: login.username, Auth: methods, HostKeyCallback: keys.check, HostKeyAlgorithms: keys.algorithms(),
	})
	if err != nil {
		return nil, explainLogin(err)
	}
	channel, err := sftp.NewClient(client)
	if err != nil {
		_ = client.Close()
		return nil, noConnection.because(err)
	}
	c := &connection{ssh: client, sftp: channel, s3: s3.NewFromConfig(session), ended: make(chan struct{})}
	go func() {
		_ = client.Wait()
		close(c.ended)
	}()
	return c, nil
}

// dial connects to the server of a URL, sftp://host or sftp://host:port.
func dial(ctx context.Context, address string, config *ssh.ClientConfig) (*ssh.Client, error) {
	at, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	port := at.Port()
	if port == "" {
		port = "22"
	}
	ctx, cancel := context.WithTimeout(ctx, connectLimit)
	defer cancel()
	host := net.JoinHostPort(at.Hostname(), port)
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	established, channels, requests, err := ssh.NewClientConn(conn, host, config)
	if !stop() || err != nil {
		_ = conn.Close()
		return nil, errors.Join(ctx.Err(), err)
	}
	return ssh.NewClient(established, channels, requests), nil
}

func explainLogin(err error) *Failure {
	var negotiation *ssh.AlgorithmNegotiationError
	switch {
	case errors.Is(err, errUntrusted), errors.As(err, &negotiation) && strings.Contains(negotiation.What, "host key"):
		return badHostKey.because(err)
	case strings.Contains(err.Error(), "unable to authenticate"):
		return loginRefused.because(err)
	}
	return noConnection.because(err)
}

// isBroken reports whether the server has closed the connection.
func (c *connection) isBroken() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// close ends the connection, if there is one.
func (c *connection) close() {
	if c != nil {
		_ = c.sftp.Close()
		_ = c.ssh.Close()
	}
}

// explain returns the failure of a task for its error.
func (c *connection) explain(err error) *Failure {
	var known *Failure
	switch {
	case errors.As(err, &known):
		return known
	case c.isBroken() || errors.Is(err, sftp.ErrSSHFxConnectionLost):
		return noConnection.because(err)
	}
	return &Failure{"ERROR", err.Error()}
}
