// Package awstransfer reads and writes a server of AWS Transfer Family and its users.
package awstransfer

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
	"github.com/digipres/sync-users/shared/domain/transfer"
)

// Server is a Transfer server.
type Server struct {
	client *api.Client
	id     string
}

var (
	_ transfer.Users             = Server{}
	_ transfer.Lister            = Server{}
	_ transfer.DescriptionReader = Server{}
)

// NewServer makes the Server of that id, such as s-0123456789abcdef0.
func NewServer(cfg aws.Config, id string) Server {
	return Server{client: api.NewFromConfig(cfg), id: id}
}

// Description implements transfer.DescriptionReader.
func (s Server) Description(ctx context.Context) (transfer.Description, error) {
	output, err := s.client.DescribeServer(ctx, &api.DescribeServerInput{ServerId: &s.id})
	if err != nil {
		return transfer.Description{}, s.classify(err, "transfer:DescribeServer on the server")
	}
	return transfer.Description{
		ID:               s.id,
		State:            string(output.Server.State),
		IdentityProvider: string(output.Server.IdentityProviderType),
		Domain:           string(output.Server.Domain),
	}, nil
}

// User implements transfer.Users.
func (s Server) User(ctx context.Context, name string) (*transfer.User, error) {
	output, err := s.client.DescribeUser(ctx, &api.DescribeUserInput{ServerId: &s.id, UserName: &name})
	if s.isUserMissing(err) {
		return nil, transfer.ErrNoUser
	}
	if err != nil {
		return nil, s.classify(err, "transfer:DescribeUser on the server's users")
	}
	user := &transfer.User{
		Name:          aws.ToString(output.User.UserName),
		Role:          aws.ToString(output.User.Role),
		Logical:       output.User.HomeDirectoryType == types.HomeDirectoryTypeLogical,
		HomeDirectory: aws.ToString(output.User.HomeDirectory),
		Policy:        aws.ToString(output.User.Policy),
	}
	for _, entry := range output.User.HomeDirectoryMappings {
		user.Mappings = append(user.Mappings, transfer.Mapping{
			Entry: aws.ToString(entry.Entry), Target: aws.ToString(entry.Target), File: entry.Type == types.MapTypeFile,
		})
	}
	return user, nil
}

// UserNames implements transfer.Lister. A page has up to 1,000 users
// (https://docs.aws.amazon.com/transfer/latest/APIReference/API_ListUsers.html).
func (s Server) UserNames(ctx context.Context) ([]string, error) {
	pages := api.NewListUsersPaginator(s.client, &api.ListUsersInput{ServerId: &s.id, MaxResults: aws.Int32(1000)})
	var names []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, s.classify(err, "transfer:ListUsers on the server")
		}
		for _, user := range page.Users {
			names = append(names, aws.ToString(user.UserName))
		}
	}
	return names, nil
}

// UpdateUser implements transfer.Users. What it does not pass stays as it is
// (https://docs.aws.amazon.com/transfer/latest/APIReference/API_UpdateUser.html).
func (s Server) UpdateUser(ctx context.Context, user *transfer.User, update transfer.Update) error {
	input := &api.UpdateUserInput{ServerId: &s.id, UserName: &user.Name}
	if update.Mappings != nil {
		input.HomeDirectoryType = types.HomeDirectoryTypeLogical
	}
	for _, mapping := range update.Mappings {
		entry := types.HomeDirectoryMapEntry{Entry: &mapping.Entry, Target: &mapping.Target}
		if mapping.File {
			entry.Type = types.MapTypeFile
		}
		input.HomeDirectoryMappings = append(input.HomeDirectoryMappings, entry)
	}
	if update.ClearHomeDirectory {
		input.HomeDirectory = aws.String("")
	}
	if update.Policy != "" {
		input.Policy = &update.Policy
	}
	_, err := s.client.UpdateUser(ctx, input)
	switch {
	case err == nil:
		return nil
	case s.isUserMissing(err):
		return errkind.Errorf(errkind.Unavailable, "the Transfer user %s was deleted meanwhile: %w", user.Name, err)
	}
	return s.classify(err, "transfer:UpdateUser on the server's users, and iam:PassRole on the role "+user.Role)
}

// isUserMissing reports whether a user does not exist. Other resources that may be
// missing are the server and the user's role.
func (s Server) isUserMissing(err error) bool {
	var missing *types.ResourceNotFoundException
	return errors.As(err, &missing) && strings.EqualFold(aws.ToString(missing.ResourceType), "User")
}

// classify returns an error with its kind, and of an AccessDenied one the permissions
// that the call needs.
func (s Server) classify(err error, permissions string) error {
	var missing *types.ResourceNotFoundException
	switch classified := awsapi.Classify(err); {
	case errors.As(err, &missing):
		return errkind.Errorf(errkind.Misconfigured, "the Transfer server %s was not found in this account and region: %w", s.id, classified)
	case awsapi.Is(err, "ServiceUnavailableException", "InternalServiceError"):
		return errkind.Errorf(errkind.Unavailable, "%w", classified)
	case errkind.Of(classified) == errkind.AccessDenied:
		return fmt.Errorf("%w (this needs %s)", classified, permissions)
	default:
		return classified
	}
}
