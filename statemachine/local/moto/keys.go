package moto

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// RootKey is the access key id of the account's root user, and its secret too. No
// policy binds that user, which is none of IAM's users.
const RootKey = "laptop"

// Root returns the root user's credentials.
func Root() aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(RootKey, RootKey, "")
}

// Service returns the credentials of one of AWS's own services, such as
// lambda.amazonaws.com, which assumes the roles that trust it.
func Service(name string) aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(name, name, "")
}
