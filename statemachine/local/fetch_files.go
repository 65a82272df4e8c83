package local

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

const (
	// FetchFiles is the system that fetches files from the partner.
	FetchFiles = "fetch-files"
	// TargetBucket and TargetPrefix are where it stores them.
	TargetBucket = "partner-incoming"
	TargetPrefix = "partner/"
	// RemoteFolder is the partner's folder that it fetches, and FetchSync the name of that
	// sync.
	RemoteFolder = "/outgoing"
	FetchSync    = "outgoing"
	// connectorSecret is the deployment's default name of the secret with the login.
	connectorSecret = "aws/transfer/fetch-files/sftp"
)

var fetchFiles = system{
	name:    FetchFiles,
	stack:   "fetch-files",
	mailbox: "fetch-files-mailbox",
	listen:  (*Cloud).createFetchPartner,
	start:   (*Cloud).startPartner,
	settings: func(c *Cloud) map[string]string {
		return map[string]string{"system": FetchFiles, "configuration": c.fetchConfiguration()}
	},
	seed: func(c *Cloud, ctx context.Context) error {
		if _, err := s3.NewFromConfig(c.AWS()).CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(TargetBucket)}); err != nil {
			return fmt.Errorf("create bucket %s: %w", TargetBucket, err)
		}
		login, err := json.Marshal(map[string]string{"Username": c.Partner.Username, "Password": c.Partner.Password})
		if err != nil {
			return err
		}
		_, err = secretsmanager.NewFromConfig(c.AWS()).CreateSecret(ctx, &secretsmanager.CreateSecretInput{
			Name: aws.String(connectorSecret), SecretString: aws.String(string(login)),
		})
		if err != nil {
			return fmt.Errorf("create secret %s: %w", connectorSecret, err)
		}
		c.report("bucket %s and secret %s are created", TargetBucket, connectorSecret)
		return nil
	},
	exports: func(_ *Addresses, d *Deployment) []Value {
		return []Value{
			{"FETCH_REMOTE_FOLDER", RemoteFolder},
			{"FETCH_TARGET_BUCKET", TargetBucket},
			{"FETCH_TARGET_PREFIX", TargetPrefix},
			{"FETCH_STATE_MACHINE_ARN", d.Outputs.StateMachineArn},
			{"FETCH_CONNECTOR_ID", d.Outputs.ConnectorID},
			{"FETCH_RUNS_BUCKET", d.Outputs.RunsBucketName},
			{"FETCH_TOPIC_ARN", d.Outputs.TopicArn},
		}
	},
	summary: func(a *Addresses, d *Deployment) []Value {
		return []Value{
			{"fetch-files", d.Outputs.StateMachineArn},
			{"  fetches", fmt.Sprintf("%s of %s, at %s port %d", RemoteFolder, a.Partner.Username, a.Partner.Host, a.Partner.Port)},
			{"  to", "s3://" + TargetBucket + "/" + TargetPrefix},
		}
	},
}

// createFetchPartner creates the partner's server, its folder, and the configuration of what
// is fetched from it.
func (c *Cloud) createFetchPartner() error {
	if err := c.createPartner(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(c.PartnerSFTP.Files, RemoteFolder), 0o755); err != nil {
		return err
	}
	// Connectors know no other types of keys.
	keys := slices.DeleteFunc(strings.Split(c.Partner.HostKeys, ";"), func(key string) bool { return strings.HasPrefix(key, "ssh-ed25519 ") })
	text, err := json.MarshalIndent(map[string]any{
		"Name": "partner", "Url": c.Partner.Host + ":" + strconv.Itoa(c.Partner.Port), "PublicKey": keys, "Schedule": "on-demand",
		"SyncSettings": []map[string]any{{
			"Name":            FetchSync,
			"LocalRepository": map[string]any{"BucketName": TargetBucket, "Prefix": TargetPrefix},
			"RemoteFolders":   map[string]any{"Folder": RemoteFolder, "Recursive": true},
			"Strip":           true,
		}},
	}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(c.fetchConfiguration(), text, 0o644)
}

// fetchConfiguration is the file that says what is fetched.
func (c *Cloud) fetchConfiguration() string { return filepath.Join(c.folder, "fetch-partner.json") }
