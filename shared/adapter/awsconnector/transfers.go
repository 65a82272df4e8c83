package awsconnector

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/transfer"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
)

// ErrNoTransfer is returned for a transfer that AWS doesn't know, or not any more.
var ErrNoTransfer = errors.New("no such transfer; its results are kept for seven days")

// Result is how far the transfer of one file is.
type Result struct {
	// Path is the file's, as the transfer was started with it.
	Path string
	// Status is QUEUED, IN_PROGRESS, COMPLETED or FAILED; the last two are final.
	Status types.TransferTableStatus
	// FailureCode says why a file failed, such as RETRIEVE_FILE_NOT_FOUND.
	FailureCode string
	// FailureMessage explains it.
	FailureMessage string
}

// StartRetrieve has up to MaxPaths files of the partner's server copied into S3 and returns
// the transfer's id. Each gets its base name in the local directory, which is
// `/bucket/prefix`; what has that key there is replaced.
// https://docs.aws.amazon.com/transfer/latest/APIReference/API_StartFileTransfer.html
func (c Connector) StartRetrieve(ctx context.Context, paths []string, localDirectory string) (string, error) {
	return c.start(ctx, &api.StartFileTransferInput{RetrieveFilePaths: paths, LocalDirectoryPath: &localDirectory})
}

// StartSend has up to MaxPaths objects, each as `/bucket/key`, copied to the
// partner's server and returns the transfer's id. Each gets the last part of its key as its name
// in the remote directory, which for "" is where the login starts.
func (c Connector) StartSend(ctx context.Context, paths []string, remoteDirectory string) (string, error) {
	input := &api.StartFileTransferInput{SendFilePaths: paths}
	if remoteDirectory != "" {
		input.RemoteDirectoryPath = &remoteDirectory
	}
	return c.start(ctx, input)
}

func (c Connector) start(ctx context.Context, input *api.StartFileTransferInput) (string, error) {
	input.ConnectorId = &c.id
	output, err := c.client.StartFileTransfer(ctx, input)
	if err != nil {
		return "", c.classify(err, "transfer:StartFileTransfer")
	}
	return aws.ToString(output.TransferId), nil
}

// Results returns how far each file of a transfer is, of all pages, in no particular order. They
// are kept for seven days. It returns ErrNoTransfer if AWS doesn't know the transfer.
// https://docs.aws.amazon.com/transfer/latest/APIReference/API_ListFileTransferResults.html
func (c Connector) Results(ctx context.Context, transferID string) ([]Result, error) {
	pages := api.NewListFileTransferResultsPaginator(c.client, &api.ListFileTransferResultsInput{ConnectorId: &c.id, TransferId: &transferID})
	var results []Result
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		// The type that AWS has for transfers is not documented.
		if awsapi.Is(err, "ResourceNotFoundException") && !c.isMissing(err) {
			return nil, ErrNoTransfer
		}
		if err != nil {
			return nil, c.classify(err, "transfer:ListFileTransferResults")
		}
		for _, result := range page.FileTransferResults {
			results = append(results, Result{
				Path: aws.ToString(result.FilePath), Status: result.StatusCode,
				FailureCode: aws.ToString(result.FailureCode), FailureMessage: aws.ToString(result.FailureMessage),
			})
		}
	}
	return results, nil
}
