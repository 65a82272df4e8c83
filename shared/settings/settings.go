// Package settings holds what a deployment sets in the environment of its
// Lambdas, and reads it.
package settings

import (
	"log/slog"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Log is every function's.
type Log struct {
	// Level is the lowest that is logged: debug, info, warn or error.
	Level slog.Level `env:"LOG_LEVEL" envDefault:"info"`
}

// DiscoverUsers is discover-users'.
type DiscoverUsers struct {
	RunsBucket string `env:"RUNS_BUCKET,notEmpty"`
	// ManagedBucket is the one whose TRIGGER starts a run.
	ManagedBucket string `env:"MANAGED_BUCKET,notEmpty"`
	// MaxConcurrency is how many users are synced at once. SFTPGo refuses an
	// address with more than 20 connections.
	MaxConcurrency int `env:"MAX_CONCURRENCY" envDefault:"10"`
}

// Validate refuses a MaxConcurrency below 1: to a Map, 0 means no limit.
func (s DiscoverUsers) Validate() error {
	if s.MaxConcurrency < 1 {
		return errkind.Errorf(errkind.Misconfigured, "MAX_CONCURRENCY is %d; it must be 1 or more", s.MaxConcurrency)
	}
	return nil
}

// SyncUser is sync-user's.
type SyncUser struct {
	SFTPGo
	// AccessKeyPrefix and SecretKeyPrefix are what precedes the username in
	// the names of the parameters with a person's AWS keys.
	AccessKeyPrefix string `env:"ACCESS_KEY_PREFIX" envDefault:"/iam/access_key/"`
	SecretKeyPrefix string `env:"SECRET_KEY_PREFIX" envDefault:"/iam/secret_key/"`
	// S3Endpoint is where SFTPGo finds the buckets, if not at AWS.
	S3Endpoint string `env:"SFTPGO_S3_ENDPOINT"`
}

// SummarizeRun is summarize-run's.
type SummarizeRun struct {
	RunsBucket string `env:"RUNS_BUCKET,notEmpty"`
}
