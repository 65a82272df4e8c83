package demo

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// useSFTP logs in as alice, who reaches her buckets with her own keys.
func (d demo) useSFTP(ctx context.Context) error {
	alice := d.users[0]
	d.title("alice logs in over SFTP")
	connection, err := ssh.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", d.cloud.SFTPPort), &ssh.ClientConfig{
		User: alice.Email, Auth: []ssh.AuthMethod{ssh.Password(alice.Password)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), // a server that was started on this machine for the demo
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
	return d.useSession(ctx, session)
}

// useSession shows what a person sees and may do, who is in the first stack.
func (d demo) useSession(ctx context.Context, session *sftp.Client) error {
	data := d.buckets[0]
	entries, err := session.ReadDir("/")
	if err != nil {
		return fmt.Errorf("ls /: %w", err)
	}
	d.print("sftp> ls /")
	for _, entry := range entries {
		d.print("%s", entry.Name())
	}
	if err := put(session, "/"+data+"/letter.txt", "Dear archive"); err != nil {
		return fmt.Errorf("put: %w", err)
	}
	d.print("sftp> put letter.txt /%s/", data)
	if err := put(session, "/"+d.managedBucket()+"/letter.txt", ""); err == nil {
		return fmt.Errorf("alice could write into %s", d.managedBucket())
	} else {
		d.print("sftp> put letter.txt /%s/\n%s: managed buckets are for reading", d.managedBucket(), err)
	}
	stored, err := s3.NewFromConfig(d.cloud.AWS()).GetObject(ctx, &s3.GetObjectInput{
		Bucket: &data, Key: aws.String("letter.txt"),
	})
	if err != nil {
		return fmt.Errorf("the file is not in the bucket: %w", err)
	}
	defer stored.Body.Close()
	text, err := io.ReadAll(stored.Body)
	if err != nil {
		return err
	}
	d.print("\n✓ s3://%s/letter.txt says %q", data, text)
	return nil
}

func put(session *sftp.Client, path, text string) error {
	file, err := session.Create(path)
	if err != nil {
		return err
	}
	_, err = io.WriteString(file, text)
	return errors.Join(err, file.Close())
}
