package connectors

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"path"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"
)

// listing is the object that a listing writes: "StartDirectoryListing" in the API reference.
type listing struct {
	Files     []listedFile      `json:"files"`
	Paths     []listedDirectory `json:"paths"`
	Truncated string            `json:"truncated"` // "true" or "false"
}

type listedFile struct {
	FilePath          string `json:"filePath"`
	ModifiedTimestamp string `json:"modifiedTimestamp"`
	Size              int64  `json:"size"`
}

type listedDirectory struct {
	Path string `json:"path"`
}

// newListing returns the listing of a directory with at most so many entries.
func newListing(directory string, entries []fs.FileInfo, most int) listing {
	l := listing{Files: []listedFile{}, Paths: []listedDirectory{}, Truncated: strconv.FormatBool(len(entries) > most)}
	for _, entry := range entries[:min(most, len(entries))] {
		at := path.Join(directory, entry.Name())
		if entry.IsDir() {
			l.Paths = append(l.Paths, listedDirectory{at})
			continue
		}
		l.Files = append(l.Files, listedFile{at, entry.ModTime().UTC().Format(time.RFC3339), entry.Size()})
	}
	return l
}

func (s *Service) startListing(connector *types.DescribedConnector, in request) (any, *Refusal) {
	bucket, prefix := splitPath(in.OutputDirectoryPath)
	if bucket == "" {
		return nil, invalid("OutputDirectoryPath names no bucket")
	}
	if !s.listings.allow() {
		return nil, Throttling
	}
	if in.MaxItems == 0 {
		in.MaxItems = defaultItems
	}
	id := newID()
	file := *connector.ConnectorId + "-" + id + ".json"
	key := path.Join(prefix, file)
	refusal := s.enqueue(connector, &task{
		Work: Work{"StartDirectoryListing", *connector.ConnectorId, in.RemoteDirectoryPath}, connector: connector, event: "SFTP Connector Directory Listing",
		detail: map[string]any{
			"listing-id": id, "max-items": in.MaxItems, "remote-directory-path": in.RemoteDirectoryPath, "output-directory-path": in.OutputDirectoryPath,
		},
		do: func(ctx context.Context, c *connection) (map[string]any, error) {
			return c.list(ctx, in.RemoteDirectoryPath, in.MaxItems, bucket, key)
		},
	})
	return map[string]string{"ListingId": id, "OutputFileName": file}, refusal
}

// list writes a directory's listing into an object.
func (c *connection) list(ctx context.Context, directory string, most int, bucket, key string) (map[string]any, error) {
	entries, err := c.sftp.ReadDirContext(ctx, directory)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &Failure{"DIRECTORY_NOT_FOUND", err.Error()}
	case errors.Is(err, fs.ErrPermission):
		return nil, &Failure{"PERMISSION_DENIED", err.Error()}
	case err != nil:
		return nil, err
	}
	found := newListing(directory, entries, most)
	text, err := json.Marshal(found)
	if err != nil {
		return nil, err
	}
	if _, err := c.s3.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: bytes.NewReader(text), ContentType: aws.String("application/json"),
	}); err != nil {
		return nil, explainS3(err)
	}
	return map[string]any{
		"item-count": len(found.Files) + len(found.Paths), "truncated": len(entries) > most, "output-file-location": location(bucket, key),
	}, nil
}
