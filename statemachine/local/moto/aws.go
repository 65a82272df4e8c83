package moto

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
)

// Region is the region of everything in the laptop cloud.
const Region = "us-east-1"

// RootKey is the key of the account's root user: its id, and its secret too. No
// policy binds that user, which is none of IAM's users.
const RootKey = "laptop"

// AWS returns a configuration for clients of moto at an address. The key, id and
// secret, is RootKey or the name of one of AWS's own services, such as
// lambda.amazonaws.com, which assumes the roles that trust it. The HTTP client is
// awsapi.WithoutWriterTo, because a server on the same machine often answers before
// the SDK is done with the request's body.
func AWS(endpoint, key string) aws.Config {
	return aws.Config{
		Region: Region, BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider(key, key, ""),
		HTTPClient: awsapi.WithoutWriterTo(awshttp.NewBuildableClient()),
	}
}
