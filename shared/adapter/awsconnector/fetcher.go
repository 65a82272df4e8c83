package awsconnector

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/fetchrun"
)

// Fetcher is a Connector as fetch-files uses it.
type Fetcher struct{ connector Connector }

var (
	_ fetchrun.Lister     = Fetcher{}
	_ fetchrun.Transferer = Fetcher{}
	_ fetchrun.Remover    = Fetcher{}
	_ fetchrun.Tester     = Fetcher{}
)

// NewFetcher makes a Fetcher of the connector of that id.
func NewFetcher(cfg aws.Config, id string) Fetcher { return Fetcher{NewConnector(cfg, id)} }

// Test returns LoginRefused, HostKeyChanged or Unavailable, with AWS's explanation, if the
// connector can't log in to the server.
func (f Fetcher) Test(ctx context.Context) error {
	test, err := f.connector.Test(ctx)
	if err != nil || test.OK {
		return err
	}
	kind, message := errkind.Unavailable, strings.ToLower(test.Message)
	switch {
	case strings.Contains(message, "host key"):
		kind = errkind.HostKeyChanged
	case strings.Contains(message, "auth"), strings.Contains(message, "credential"), strings.Contains(message, "login"),
		strings.Contains(message, "secret"), strings.Contains(message, "private key"):
		kind = errkind.LoginRefused
	}
	return errkind.Errorf(kind, "the connector can't log in to the server: %s", test.Message)
}

// StartListing is Connector's.
func (f Fetcher) StartListing(ctx context.Context, folder, outputDirectory string, maxItems int) (fetchrun.Listing, error) {
	listing, err := f.connector.StartListing(ctx, folder, outputDirectory, maxItems)
	return fetchrun.Listing(listing), err
}

// StartRetrieve is Connector's.
func (f Fetcher) StartRetrieve(ctx context.Context, paths []string, directory string) (string, error) {
	return f.connector.StartRetrieve(ctx, paths, directory)
}

// Results is Connector's, but for a transfer that is not known, which has none.
func (f Fetcher) Results(ctx context.Context, transferID string) ([]fetchrun.TransferStatus, error) {
	results, err := f.connector.Results(ctx, transferID)
	if errors.Is(err, ErrNoTransfer) {
		return nil, nil
	}
	var statuses []fetchrun.TransferStatus
	for _, r := range results {
		statuses = append(statuses, fetchrun.TransferStatus{
			Path: r.Path, Status: string(r.Status), FailureCode: r.FailureCode, FailureMessage: r.FailureMessage,
		})
	}
	return statuses, err
}

// StartMove is Connector's.
func (f Fetcher) StartMove(ctx context.Context, source, target string) (string, error) {
	return f.connector.StartMove(ctx, source, target)
}

// StartDelete is Connector's.
func (f Fetcher) StartDelete(ctx context.Context, path string) (string, error) {
	return f.connector.StartDelete(ctx, path)
}
