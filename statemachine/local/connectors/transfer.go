package connectors

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
)

func (s *Service) startTransfer(connector *types.DescribedConnector, in request) (any, *Refusal) {
	paths, prepare := in.RetrieveFilePaths, retrieving
	if len(in.SendFilePaths) > 0 {
		paths, prepare = in.SendFilePaths, sending
	}
	id := newID()
	key := transferKey{*connector.ConnectorId, id}
	var tasks []*task
	for i, file := range paths {
		t, refusal := prepare(in, file)
		if refusal != nil {
			return nil, refusal
		}
		t.Work, t.connector = Work{"StartFileTransfer", *connector.ConnectorId, file}, connector
		t.detail["transfer-id"], t.detail["file-transfer-id"], t.detail["file-path"] = id, id+"/"+newID(), file
		t.started = func() { s.results.set(key, i, inProgress, nil) }
		t.ended = func(failure *Failure) {
			status := completed
			if failure != nil {
				status = failed
			}
			s.results.set(key, i, status, failure)
		}
		tasks = append(tasks, t)
	}
	s.results.add(key, paths)
	if refusal := s.enqueue(connector, tasks...); refusal != nil {
		s.results.remove(key)
		return nil, refusal
	}
	return map[string]string{"TransferId": id}, nil
}

// retrieving is the task to get a file from the partner's server.
func retrieving(in request, file string) (*task, *Refusal) {
	bucket, prefix := splitPath(in.LocalDirectoryPath)
	if bucket == "" {
		return nil, invalid("LocalDirectoryPath names no bucket")
	}
	key := path.Join(prefix, path.Base(file))
	return &task{
		event:  "SFTP Connector File Retrieve",
		detail: map[string]any{"operation": "RETRIEVE", "local-directory-path": in.LocalDirectoryPath},
		do: func(ctx context.Context, c *connection) (map[string]any, error) {
			n, err := c.retrieve(ctx, file, bucket, key)
			return map[string]any{"bytes": n, "local-file-location": location(bucket, key)}, err
		},
	}, nil
}

// retrieve copies a file to an object, with what the file has when it is read.
func (c *connection) retrieve(ctx context.Context, file, bucket, key string) (int64, error) {
	source, err := c.sftp.Open(file)
	if err != nil {
		return 0, explainSFTP("RETRIEVE", err)
	}
	defer source.Close()
	if info, err := source.Stat(); err == nil && info.IsDir() {
		return 0, &Failure{"RETRIEVE_FILE_IS_DIRECTORY", file + " is a directory"}
	}
	// S3 wants the size and a checksum first.
	buffer, err := os.CreateTemp("", "retrieve-")
	if err != nil {
		return 0, err
	}
	defer os.Remove(buffer.Name())
	defer buffer.Close()
	n, err := source.WriteTo(buffer)
	if err != nil {
		return 0, explainSFTP("RETRIEVE", err)
	}
	if _, err := buffer.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	if _, err := c.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: buffer, ContentLength: &n}); err != nil {
		return 0, explainS3(err)
	}
	return n, nil
}

// sending is the task to put an object onto the partner's server.
func sending(in request, object string) (*task, *Refusal) {
	bucket, key := splitPath(object)
	if bucket == "" || key == "" {
		return nil, invalid("SendFilePaths must be bucket/key")
	}
	return &task{
		event:  "SFTP Connector File Send",
		detail: map[string]any{"operation": "SEND", "remote-directory-path": in.RemoteDirectoryPath, "local-file-location": location(bucket, key)},
		do: func(ctx context.Context, c *connection) (map[string]any, error) {
			n, err := c.send(ctx, bucket, key, path.Join(in.RemoteDirectoryPath, path.Base(key)))
			return map[string]any{"bytes": n}, err
		},
	}, nil
}

// send copies an object to a file, under its last name from the first byte on.
func (c *connection) send(ctx context.Context, bucket, key, file string) (int64, error) {
	object, err := c.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if awsapi.Is(err, "NoSuchKey") {
		return 0, &Failure{"SEND_FILE_NOT_FOUND", err.Error()}
	}
	if err != nil {
		return 0, explainS3(err)
	}
	defer object.Body.Close()
	target, err := c.sftp.Create(file)
	if err != nil {
		return 0, explainSFTP("SEND", err)
	}
	n, err := target.ReadFrom(object.Body)
	if err := errors.Join(err, target.Close()); err != nil {
		return 0, explainSFTP("SEND", err)
	}
	return n, nil
}

// explainSFTP returns the failure for an answer of the partner's server. Of the codes AWS
// documents RETRIEVE_FILE_NOT_FOUND alone.
func explainSFTP(operation string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &Failure{operation + "_FILE_NOT_FOUND", err.Error()}
	case errors.Is(err, fs.ErrPermission):
		return &Failure{operation + "_FILE_PERMISSION_DENIED", err.Error()}
	}
	return err
}

// explainS3 returns the failure for an answer of S3, with a code that AWS doesn't document.
func explainS3(err error) error { return &Failure{"S3_ERROR", err.Error()} }

// splitPath returns the bucket and the key of /bucket/key. The slash may be missing.
func splitPath(of string) (bucket, key string) {
	bucket, key, _ = strings.Cut(strings.TrimPrefix(of, "/"), "/")
	return bucket, key
}
