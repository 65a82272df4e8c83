package awsconnector

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/transfer"
)

// Listing is a listing that was started.
type Listing struct {
	// ID is in the events about the listing.
	ID string
	// FileName is the name of the object that the listing is written to, in the
	// output directory.
	FileName string
}

// StartListing has up to maxItems entries of one directory of the partner's server listed,
// without those of its subdirectories, into an object of the output directory, which
// is `/bucket/prefix`. AWS takes 1 to MaxItems.
//
// The object is JSON: `files`, each with `filePath` and, if the server tells them,
// `modifiedTimestamp` (UTC) and `size` (bytes); `paths`, each with `path`; and `truncated`, which is
// "true" if the directory has more than maxItems entries.
// https://docs.aws.amazon.com/transfer/latest/APIReference/API_StartDirectoryListing.html
func (c Connector) StartListing(ctx context.Context, directory, outputDirectory string, maxItems int) (Listing, error) {
	output, err := c.client.StartDirectoryListing(ctx, &api.StartDirectoryListingInput{
		ConnectorId: &c.id, RemoteDirectoryPath: &directory, OutputDirectoryPath: &outputDirectory,
		MaxItems: aws.Int32(int32(maxItems)), // AWS refuses more than MaxItems.
	})
	if err != nil {
		return Listing{}, c.classify(err, "transfer:StartDirectoryListing")
	}
	return Listing{ID: aws.ToString(output.ListingId), FileName: aws.ToString(output.OutputFileName)}, nil
}

// StartMove has a file or directory of the partner's server renamed and returns the id that the
// event about it has. Whether what has the target's name is replaced is up to the server.
// https://docs.aws.amazon.com/transfer/latest/APIReference/API_StartRemoteMove.html
func (c Connector) StartMove(ctx context.Context, source, target string) (string, error) {
	output, err := c.client.StartRemoteMove(ctx, &api.StartRemoteMoveInput{ConnectorId: &c.id, SourcePath: &source, TargetPath: &target})
	if err != nil {
		return "", c.classify(err, "transfer:StartRemoteMove")
	}
	return aws.ToString(output.MoveId), nil
}

// StartDelete has a file or an empty directory of the partner's server deleted and returns the
// id that the event about it has.
// https://docs.aws.amazon.com/transfer/latest/APIReference/API_StartRemoteDelete.html
func (c Connector) StartDelete(ctx context.Context, path string) (string, error) {
	output, err := c.client.StartRemoteDelete(ctx, &api.StartRemoteDeleteInput{ConnectorId: &c.id, DeletePath: &path})
	if err != nil {
		return "", c.classify(err, "transfer:StartRemoteDelete")
	}
	return aws.ToString(output.DeleteId), nil
}
