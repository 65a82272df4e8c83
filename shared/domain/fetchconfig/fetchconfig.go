// Package fetchconfig reads the configuration of fetch-files: one JSON file an SFTP server,
// which says what is fetched from it, where to, and when.
//
// The file is that of TransferSync, the solution that fetch-files follows
// (https://github.com/aws-samples/file-transfer-sync-solution), with more fields, each of
// which may be left out. A deployment has one file, and keeps each of its syncs, as
// Sync.JSON has it, in Parameter Store under ParameterPath, where functions and command line
// read it with ParseSync.
package fetchconfig

import (
	"encoding/json"
	"time"
)

// Server is a configuration file: an SFTP server, and what is fetched from it.
type Server struct {
	// Name names the server, in any characters.
	Name        string `json:"Name"`
	Description string `json:"Description,omitempty"`
	// URL is the server's as a connector takes it, like sftp://sftp.example.org:2222. In
	// a file it may have no sftp://.
	URL string `json:"Url"`
	// SecurityPolicyName names the algorithms that the connector may use.
	SecurityPolicyName string `json:"SecurityPolicyName"`
	// Schedule is that of the syncs without one of their own.
	Schedule Schedule `json:"Schedule,omitempty"`
	// PublicKey are the server's host keys, each as `<type> <base64>`. Without any the
	// connector does not transfer, and HasHostKeys is false.
	PublicKey []string `json:"PublicKey,omitempty"`
	// SyncSettings are the folders, one at least. All have names and schedules.
	SyncSettings []Sync `json:"SyncSettings"`
}

// HasHostKeys reports whether the server can be told from another one.
func (s *Server) HasHostKeys() bool { return len(s.PublicKey) > 0 }

// Sync is a folder of the server, and the place in S3 that follows it.
type Sync struct {
	// Name is unique in its file, and stays the same unless the folder, the bucket or
	// the prefix changes: small letters, digits and hyphens, 32
	// at most.
	Name            string          `json:"Name,omitempty"`
	LocalRepository LocalRepository `json:"LocalRepository"`
	RemoteFolders   RemoteFolders   `json:"RemoteFolders"`
	// Schedule is the sync's own, or that of its server.
	Schedule Schedule `json:"Schedule,omitempty"`

	// Include and Exclude are patterns of destpath.Filter, compared with paths below the
	// folder. Without a pattern to include, all files are.
	Include []string `json:"Include,omitempty"`
	Exclude []string `json:"Exclude,omitempty"`
	// Settle is how long a file's size and time must not have changed, from one look to
	// another, before it is fetched; 0 fetches at the first look.
	Settle Duration `json:"Settle,omitempty"`
	// Strip is what is left out of the beginning of remote paths in keys; "" for nothing.
	// It may hold placeholders, like the folder.
	Strip string `json:"Strip,omitempty"`
	// After is what becomes of a remote file that was fetched.
	After After `json:"After,omitzero"`
	// MaxAge is the age from which on files are left alone; 0 for none.
	MaxAge Duration `json:"MaxAge,omitempty"`
	// Deletions says what becomes of an object whose remote file is gone.
	Deletions Deletions `json:"Deletions,omitempty"`
	// MaxDeletions is the most objects that one run of a mirror may delete: with more it
	// deletes none, and fails.
	MaxDeletions int `json:"MaxDeletions,omitempty"`
}

// LocalRepository is a place in S3.
type LocalRepository struct {
	BucketName string `json:"BucketName"`
	// Prefix has no slash at its ends; "" is the whole bucket.
	Prefix string `json:"Prefix,omitempty"`
	// KmsKeyARN is the key that objects are encrypted with; "" for none of one's own.
	KmsKeyARN string `json:"KmsKeyArn,omitempty"`
}

// RemoteFolders is a folder of the server.
type RemoteFolders struct {
	// Folder may hold the placeholders of ExpandDates, and has no slash at its end.
	Folder string `json:"Folder"`
	// Recursive has the folders below it fetched too.
	Recursive bool `json:"Recursive"`
}

// Deletions says what becomes of an object whose remote file is gone.
type Deletions string

const (
	// Keep leaves the object. It is the usual, also if nothing is said.
	Keep Deletions = "keep"
	// Mirror deletes it, after a complete walk.
	Mirror Deletions = "mirror"
	// defaultMaxDeletions is a mirror's limit where the file has none.
	defaultMaxDeletions = 100
)

// FolderAt returns the remote folder of a run that began at a time.
func (s *Sync) FolderAt(start time.Time) string { return ExpandDates(s.RemoteFolders.Folder, start) }

// StripAt returns what a run that began at a time leaves out of remote paths.
func (s *Sync) StripAt(start time.Time) string { return ExpandDates(s.Strip, start) }

// JSON returns the sync as ParseSync reads it.
func (s *Sync) JSON() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // It holds nothing but text, numbers and booleans.
	}
	return string(text)
}

// ParameterPath is where the syncs of a deployment are in Parameter Store, each under its
// name. It ends with a slash.
func ParameterPath(stackName string) string { return "/" + stackName + "/syncs/" }
