package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/digipres/sync-users/statemachine/local/moto"
)

// The account on the laptop, and the key of its root user, who has all
// permissions.
const (
	Region          = moto.Region
	AccountID       = "123456789012"
	AccessKeyID     = moto.RootKey
	SecretAccessKey = moto.RootKey
)

// Addresses say how to use a running cloud, also from another process. They hold
// SFTPGo's password, so other users of the machine can't read their file.
type Addresses struct {
	// Endpoint is the AWS_ENDPOINT_URL of all services.
	Endpoint string
	// Systems are the names of those that were started.
	Systems []string
	// Deployments are what is deployed, by system, and Deployment that of the first one,
	// which is SyncUsers if it was started.
	Deployments map[string]*Deployment
	*Deployment `json:"-"`
	// SFTPGoURL is where SFTPGo's API and its web admin (/web/admin) are.
	SFTPGoURL                      string
	SFTPGoUsername, SFTPGoPassword string
	// SFTPPort is where SFTPGo speaks SFTP, on 127.0.0.1.
	SFTPPort int
	// TransferServerID is the Transfer server's, and TransferSFTPPort where it speaks
	// SFTP, on 127.0.0.1; empty and 0 without SyncTransferUsers.
	TransferServerID string
	TransferSFTPPort int
	// Partner is the SFTP server that SendFiles sends to and FetchFiles fetches from.
	Partner Partner
	// Logs is the folder with each part's log.
	Logs string
}

// Deployment is what is deployed of a system.
type Deployment struct {
	Outputs Outputs
	// MailboxURL is the URL of a queue that receives what the topic publishes.
	MailboxURL string
	// Template is the file that was deployed.
	Template string
}

// Outputs are the outputs of a CloudFormation stack, as far as it has them.
type Outputs struct {
	StateMachineArn, RunsBucketName, ManagedBucketName, SourceBucketName, TopicArn string
	// TransferRoleArn is the role for Transfer users.
	TransferRoleArn string
	// ConnectorID is that of the connector to the partner's server.
	ConnectorID string `json:"ConnectorId"`
}

// AWS returns a configuration for clients of the laptop's AWS. S3 clients need
// no path-style option, because the endpoint is an IP address.
func (a *Addresses) AWS() aws.Config {
	return moto.AWS(a.Endpoint, moto.RootKey)
}

// ErrNotUp means that no cloud of that name is running.
var ErrNotUp = errors.New("the laptop cloud is not up")

// Find returns the addresses of the cloud of that name in the project at root,
// or ErrNotUp.
func Find(root, name string) (*Addresses, error) {
	folder := cloudFolder(root, name)
	if pid, err := lockOwner(folder); err != nil {
		return nil, err
	} else if pid == 0 {
		return nil, ErrNotUp
	}
	text, err := os.ReadFile(addressesFile(folder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w yet: it is starting", ErrNotUp)
	}
	if err != nil {
		return nil, err
	}
	addresses := new(Addresses)
	if err := json.Unmarshal(text, addresses); err != nil {
		return nil, fmt.Errorf("%s: %w", addressesFile(folder), err)
	}
	addresses.Deployment = addresses.Deployments[addresses.Systems[0]]
	return addresses, nil
}

func (a *Addresses) write(folder string) error {
	text, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return err
	}
	partial := addressesFile(folder) + ".new"
	if err := os.WriteFile(partial, text, 0o600); err != nil {
		return err
	}
	return os.Rename(partial, addressesFile(folder))
}

func addressesFile(folder string) string { return filepath.Join(folder, "addresses.json") }

func cloudFolder(root, name string) string { return filepath.Join(root, ".build", "local", name) }
