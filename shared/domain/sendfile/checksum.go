package sendfile

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding"
	"encoding/json"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Algorithm is an algorithm of checksums.
type Algorithm string

// The algorithms that S3 has for whole objects, and MD5, which is the ETag of an object
// that was uploaded in one part and is not encrypted with a KMS key
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html,
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html).
const (
	SHA256    Algorithm = "SHA256"
	SHA1      Algorithm = "SHA1"
	CRC32     Algorithm = "CRC32"
	CRC32C    Algorithm = "CRC32C"
	CRC64NVME Algorithm = "CRC64NVME"
	MD5       Algorithm = "MD5"
)

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	nvme       = crc64.MakeTable(0x9a6c9329ac4bc9b5)
)

func (a Algorithm) new() hash.Hash {
	switch a {
	case SHA1:
		return sha1.New()
	case CRC32:
		return crc32.NewIEEE()
	case CRC32C:
		return crc32.New(castagnoli)
	case CRC64NVME:
		return crc64.New(nvme)
	case MD5:
		return md5.New()
	}
	return sha256.New()
}

// digest computes the SHA-256 of a content, and the checksum that its object has. Its
// state can be kept, and taken up by another invocation.
type digest struct {
	algorithm Algorithm
	sha256    hash.Hash
	other     hash.Hash // nil if the object has none, or a SHA-256
}

// newDigest returns the digest of an object with that algorithm, which may be "", in
// that state; nil is the state before the first byte.
func newDigest(algorithm Algorithm, state []byte) (digest, error) {
	d := digest{algorithm: algorithm, sha256: sha256.New()}
	if algorithm != "" && algorithm != SHA256 {
		d.other = algorithm.new()
	}
	if state == nil {
		return d, nil
	}
	var s digestState
	if err := json.Unmarshal(state, &s); err != nil {
		return digest{}, err
	}
	err := d.sha256.(encoding.BinaryUnmarshaler).UnmarshalBinary(s.SHA256)
	if err == nil && d.other != nil {
		err = d.other.(encoding.BinaryUnmarshaler).UnmarshalBinary(s.Other)
	}
	return d, err
}

type digestState struct {
	SHA256 []byte `json:"sha256"`
	Other  []byte `json:"other,omitempty"`
}

// Write adds bytes. It never returns an error.
func (d digest) Write(p []byte) (int, error) {
	if d.other != nil {
		_, _ = d.other.Write(p)
	}
	return d.sha256.Write(p)
}

// MarshalBinary returns the state.
func (d digest) MarshalBinary() ([]byte, error) {
	var s digestState
	var err error
	if s.SHA256, err = d.sha256.(encoding.BinaryMarshaler).MarshalBinary(); err != nil {
		return nil, err
	}
	if d.other != nil {
		if s.Other, err = d.other.(encoding.BinaryMarshaler).MarshalBinary(); err != nil {
			return nil, err
		}
	}
	return json.Marshal(s)
}

// check returns ContentMismatch unless all bytes have the checksum of the object.
func (d digest) check(o Object) error {
	var sum []byte
	switch {
	case o.Checksum.Algorithm == "":
		return nil
	case d.other != nil:
		sum = d.other.Sum(nil)
	default:
		sum = d.sha256.Sum(nil)
	}
	if !bytes.Equal(sum, o.Checksum.Value) {
		return errkind.Errorf(errkind.ContentMismatch,
			"the content of %s has the %s %x, but S3 says %x; nothing was put in place. Upload the object again",
			o.URI(), o.Checksum.Algorithm, sum, o.Checksum.Value)
	}
	return nil
}

func (d digest) hex() string { return fmt.Sprintf("%x", d.sha256.Sum(nil)) }
