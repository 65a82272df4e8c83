package moto

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// RootKey is the id of the key of the account's root user, and its secret too.
// Policies don't bind that user, who is none of IAM's users.
const RootKey = "laptop"

// Root are the root user's credentials.
func Root() aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(RootKey, RootKey, "")
}

// Service are the credentials of a service of AWS itself, such as
// lambda.amazonaws.com, which takes on the roles that trust it.
func Service(name string) aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(name, name, "")
}
