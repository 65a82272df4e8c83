// Package settings reads the settings of Lambda functions from their environment
// variables.
package settings

import (
	"log/slog"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Log are the settings that all functions share.
type Log struct {
	// Level is the lowest level that is logged: debug, info, warn or error.
	Level slog.Level `env:"LOG_LEVEL" envDefault:"info"`
}

// DiscoverUsers are the settings of the function discover-users.
type DiscoverUsers struct {
	RunsBucket string `env:"RUNS_BUCKET,notEmpty"`
	// ManagedBucket is the bucket whose TRIGGER starts a run.
	ManagedBucket string `env:"MANAGED_BUCKET,notEmpty"`
	// MaxConcurrency is how many users are synced at once. SFTPGo allows one address
	// 20 connections.
	MaxConcurrency int `env:"MAX_CONCURRENCY" envDefault:"10"`
	// MaxLosses is how many people a run may take access from; nil for the default.
	MaxLosses *int `env:"MAX_LOSSES"`
	// KeyChangesQueue is the URL of the queue that tells of changed keys; empty without
	// one.
	KeyChangesQueue string `env:"KEY_CHANGES_QUEUE"`
	KeyPrefixes
	Directory
}

// Directory are the settings for reading IAM users, also from a command line.
type Directory struct {
	// AccountTag is the tag that names an IAM user's account on the SFTP server.
	AccountTag string `env:"ACCOUNT_TAG" envDefault:"Email"`
}

// Validate returns Misconfigured if MaxConcurrency is below 1: to a Map, 0 means no limit.
func (s DiscoverUsers) Validate() error {
	if s.MaxConcurrency < 1 {
		return errkind.Errorf(errkind.Misconfigured, "MAX_CONCURRENCY is %d; it must be 1 or more", s.MaxConcurrency)
	}
	if s.MaxLosses != nil && *s.MaxLosses < 0 {
		return errkind.Errorf(errkind.Misconfigured, "MAX_LOSSES is %d; it must be 0 or more", *s.MaxLosses)
	}
	return nil
}

// KeyPrefixes precede the IAM username in the names of the parameters with the user's
// access key id and secret access key.
type KeyPrefixes struct {
	AccessKeyPrefix string `env:"ACCESS_KEY_PREFIX" envDefault:"/iam/access_key/"`
	SecretKeyPrefix string `env:"SECRET_KEY_PREFIX" envDefault:"/iam/secret_key/"`
}

// SyncUser are the settings for syncing users, also from a command line.
type SyncUser struct {
	SFTPGo
	KeyPrefixes
	// S3Endpoint is the URL of an S3-compatible store; empty means AWS.
	S3Endpoint string `env:"SFTPGO_S3_ENDPOINT"`
}

// SyncUserFunction are the settings of the function sync-user.
type SyncUserFunction struct {
	SyncUser
	RunsBucket string `env:"RUNS_BUCKET,notEmpty"`
	// Connections is how many requests a sync makes to SFTPGo at a time.
	Connections int `env:"SFTPGO_CONNECTIONS" envDefault:"1"`
}

// ListAccounts are the settings of the function list-accounts.
type ListAccounts struct {
	SFTPGo
	RunsBucket string `env:"RUNS_BUCKET,notEmpty"`
}

// SummarizeRun are the settings of the function summarize-run.
type SummarizeRun struct {
	RunsBucket string `env:"RUNS_BUCKET,notEmpty"`
}
