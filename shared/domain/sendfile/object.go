// Package sendfile sends objects of a bucket to an SFTP server, one at a time. A file
// appears under its name only when it is whole and checked, and the object is dealt
// with only after that.
package sendfile

import (
	"fmt"
	"time"
)

// Object is a version of an object, as far as is known of it.
type Object struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
	// ETag has no quotes. Without one, the current version is meant.
	ETag string `json:"etag,omitempty"`
	// VersionID is empty in a bucket without versions.
	VersionID string `json:"versionId,omitempty"`
	// Size is in bytes.
	Size       int64     `json:"size"`
	UploadedAt time.Time `json:"uploadedAt,omitzero"`
	// Checksum is that of the whole object; its Algorithm is empty if the object has none
	// that can be compared.
	Checksum Checksum `json:"-"`
}

// Checksum is a checksum of an object's whole content.
type Checksum struct {
	Algorithm Algorithm
	// Value is in bytes, not in a text form.
	Value []byte
}

// sameVersion reports whether two objects are the same version. Without a version id,
// an upload of the same content at another time is another version.
func (o Object) sameVersion(other Object) bool {
	return o.ETag == other.ETag && o.VersionID == other.VersionID && o.UploadedAt.Equal(other.UploadedAt)
}

// matches reports whether the current version is the one that was asked for.
func (o Object) matches(current Object) bool {
	return (o.ETag == "" || o.ETag == current.ETag) && (o.VersionID == "" || o.VersionID == current.VersionID)
}

// URI returns the object's place, s3://bucket/key.
func (o Object) URI() string { return fmt.Sprintf("s3://%s/%s", o.Bucket, o.Key) }
