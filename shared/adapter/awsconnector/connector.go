// Package awsconnector works with an SFTP connector of AWS Transfer Family: it lists
// directories of a partner's server, transfers files between that server and S3, and
// moves and deletes files there.
//
// Every Start method returns as soon as AWS has queued the work, and none can be made twice
// without doing the work twice: the SDK repeats a call whose answer it lost. What became
// of a transfer is told by Results, and of everything by events; listings, moves and
// deletions have events alone
// (https://docs.aws.amazon.com/transfer/latest/userguide/event-detail-sftp-connector-events.html).
//
// Errors are Throttled when more is asked for than the connector takes (3 listings a
// second, one test a second, MaxPending files that wait; see
// https://docs.aws.amazon.com/transfer/latest/userguide/scale-and-limits-sftp-connector.html),
// Unavailable when the service is, Misconfigured if there is no such connector or AWS
// calls the request invalid, and AccessDenied, with the permission that is missing.
package awsconnector

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/transfer"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// The limits of a connector
// (https://docs.aws.amazon.com/transfer/latest/userguide/scale-and-limits-sftp-connector.html).
const (
	// MaxPaths is how many files one transfer has at most.
	MaxPaths = 10
	// MaxPending is how many files of a connector may wait to be transferred.
	MaxPending = 1000
	// MaxItems is how many entries of a directory a listing has at most.
	MaxItems = 200_000
)

// Connector is an SFTP connector.
type Connector struct {
	client *api.Client
	id     string
}

// NewConnector makes the Connector of that id, such as c-0123456789abcdef0.
func NewConnector(cfg aws.Config, id string) Connector {
	return Connector{client: api.NewFromConfig(cfg), id: id}
}

// Test is what a connection to the partner's server has shown.
type Test struct {
	// OK is whether the connector could log in.
	OK bool
	// Message is AWS's explanation.
	Message string
	// HostKey is the server's public key, which AWS returns if the connector trusts none yet.
	HostKey string
}

// Test connects to the partner's server and logs in, once a second at most. That
// the server can't be reached or refuses the login is no error.
func (c Connector) Test(ctx context.Context) (Test, error) {
	output, err := c.client.TestConnection(ctx, &api.TestConnectionInput{ConnectorId: &c.id})
	if err != nil {
		return Test{}, c.classify(err, "transfer:TestConnection")
	}
	test := Test{OK: aws.ToString(output.Status) == "OK", Message: aws.ToString(output.StatusMessage)}
	if details := output.SftpConnectionDetails; details != nil {
		test.HostKey = aws.ToString(details.HostKey)
	}
	return test, nil
}

// classify returns an error with its kind, and of an AccessDenied one the permission
// that the call needs.
func (c Connector) classify(err error, permission string) error {
	switch classified := awsapi.Classify(err); {
	case c.isMissing(err):
		return errkind.Errorf(errkind.Misconfigured, "the Transfer connector %s was not found in this account and region: %w", c.id, classified)
	case awsapi.Is(err, "InvalidRequestException", "ResourceNotFoundException"):
		return errkind.Errorf(errkind.Misconfigured, "%w", classified)
	case awsapi.Is(err, "ServiceUnavailableException", "InternalServiceError"):
		return errkind.Errorf(errkind.Unavailable, "%w", classified)
	case errkind.Of(classified) == errkind.AccessDenied:
		return fmt.Errorf("%w (this needs %s on the connector)", classified, permission)
	default:
		return classified
	}
}

// isMissing reports whether the connector does not exist.
func (c Connector) isMissing(err error) bool {
	var missing *types.ResourceNotFoundException
	return errors.As(err, &missing) && strings.EqualFold(aws.ToString(missing.ResourceType), "Connector")
}
