package moto

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
)

// Region is the one that everything on the laptop stands in.
const Region = "us-east-1"

// AWS returns a configuration for clients of moto at an address, in the name of
// whoever has the credentials. Lossless, because nobody answers as fast as
// one's own machine.
func AWS(endpoint string, who aws.CredentialsProvider) aws.Config {
	return aws.Config{
		Region: Region, BaseEndpoint: &endpoint, Credentials: who,
		HTTPClient: awsapi.WithoutWriterTo(awshttp.NewBuildableClient()),
	}
}
