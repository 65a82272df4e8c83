package fetchconfig

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
)

// maxName leaves room for the name of a CloudFormation stack, of 30 characters at most, and a
// hyphen in the names of schedules and roles, of 64 at most
// (https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
const (
	maxName    = 32
	hashLength = 8
)

var (
	safeName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	unsafe   = regexp.MustCompile(`[^a-z0-9]+`)
)

// Safe returns a name that CloudFormation, EventBridge Scheduler, IAM, S3 and Parameter Store
// take, of small letters, digits and single hyphens, of at most so many characters: the given
// one if it is such a name, and otherwise what can be read of it with a hash, by which two
// names stay two.
func Safe(name string, longest int) string {
	if safeName.MatchString(name) && len(name) <= longest {
		return name
	}
	return withHash(longest, name, name)
}

// withHash returns what can be read of a text, with a hash of everything that identifies it.
func withHash(longest int, text string, identity ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(identity, "\x00")))
	hash := hex.EncodeToString(sum[:])[:hashLength]
	readable := strings.Trim(unsafe.ReplaceAllString(strings.ToLower(text), "-"), "-")
	// The end of a deep folder tells more than its beginning.
	if most := longest - hashLength - 1; len(readable) > most {
		readable = strings.TrimLeft(readable[len(readable)-most:], "-")
	}
	return strings.TrimLeft(readable+"-"+hash, "-")
}

// nameOf returns the name of a sync that has none in its file. It depends on what is synced
// and where to, and neither on the order of syncs nor on how they are done.
func nameOf(s *Sync) string {
	return withHash(maxName, s.RemoteFolders.Folder, s.RemoteFolders.Folder, s.LocalRepository.BucketName, s.LocalRepository.Prefix)
}
