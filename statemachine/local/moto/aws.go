package moto

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
)

// Region is the region of everything in the laptop cloud.
const Region = "us-east-1"

// AWS returns a configuration for clients of moto at an address, with these
// credentials. Its HTTP client is awsapi.WithoutWriterTo, because a server on the same
// machine often answers before the SDK is done with the request's body.
func AWS(endpoint string, credentials aws.CredentialsProvider) aws.Config {
	return aws.Config{
		Region: Region, BaseEndpoint: &endpoint, Credentials: credentials,
		HTTPClient: awsapi.WithoutWriterTo(awshttp.NewBuildableClient()),
	}
}
