package demo

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/digipres/sync-users/statemachine/local"
)

// aliceLogsIn is what all of this is for: alice at her buckets, over SFTP,
// with her own keys.
func (s show) aliceLogsIn(ctx context.Context) error {
	alice := cast[0].person
	s.title("alice logs in over SFTP")
	connection, err := ssh.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.cloud.SFTPPort), &ssh.ClientConfig{
		User: alice.Email, Auth: []ssh.AuthMethod{ssh.Password(alice.Password)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), // the cloud's own server, a minute old
	})
	if err != nil {
		return fmt.Errorf("log in: %w", err)
	}
	defer connection.Close()
	session, err := sftp.NewClient(connection)
	if err != nil {
		return fmt.Errorf("log in: %w", err)
	}
	defer session.Close()
	entries, err := session.ReadDir("/")
	if err != nil {
		return fmt.Errorf("ls /: %w", err)
	}
	s.say("sftp> ls /")
	for _, entry := range entries {
		s.say("%s", entry.Name())
	}
	if err := put(session, "/digipres-dev1-data/letter.txt", "Dear archive"); err != nil {
		return fmt.Errorf("put: %w", err)
	}
	s.say("sftp> put letter.txt /digipres-dev1-data/")
	if err := put(session, "/"+local.ManagedBucket+"/letter.txt", ""); err == nil {
		return fmt.Errorf("alice could write into %s", local.ManagedBucket)
	} else {
		s.say("sftp> put letter.txt /%s/\n%s: it is for reading", local.ManagedBucket, err)
	}
	stored, err := s3.NewFromConfig(s.cloud.AWS()).GetObject(ctx, &s3.GetObjectInput{
		Bucket: aws.String("digipres-dev1-data"), Key: aws.String("letter.txt"),
	})
	if err != nil {
		return fmt.Errorf("the file is not in the bucket: %w", err)
	}
	defer stored.Body.Close()
	text, err := io.ReadAll(stored.Body)
	if err != nil {
		return err
	}
	s.say("\n✓ s3://digipres-dev1-data/letter.txt says %q", text)
	return nil
}

func put(session *sftp.Client, path, text string) error {
	file, err := session.Create(path)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(file, text); err != nil {
		_ = file.Close()
		return err
	}
	return file.Close()
}
