package demo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/digipres/sync-users/shared/adapter/awssfn"
	"github.com/digipres/sync-users/shared/domain/bytesize"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local"
)

// sendNames are the names of small files, as people give them. The last one can't be sent at
// first.
var sendNames = []string{
	"report 2026.csv", "a+b & c.csv", "100 %.txt", "Überblick/日本語.txt", "it's \"quoted\".txt", "empty.txt", blocked,
}

const (
	// blocked is the name of a file at whose place there is a directory.
	blocked = "letters.zip"
	large   = "film.mov"
	// largeSize is its size in bytes.
	largeSize = 100 << 20
)

// sendDemo is the demo of send-files.
type sendDemo struct {
	demo
	partner *sftp.Client
	// program is the command line sync-files.
	program string
	film    []byte
}

// RunSend is Run for send-files. It needs bin/sync-files.
func RunSend(ctx context.Context, cloud *local.Addresses, out io.Writer) error {
	root, err := local.Root()
	if err != nil {
		return err
	}
	partner := cloud.Partner
	connection, err := ssh.Dial("tcp", net.JoinHostPort(partner.Host, strconv.Itoa(partner.Port)), &ssh.ClientConfig{
		User: partner.Username, Auth: []ssh.AuthMethod{ssh.Password(partner.Password)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), // a server that was started on this machine for the demo
	})
	if err != nil {
		return fmt.Errorf("log in to the partner: %w", err)
	}
	defer connection.Close()
	session, err := sftp.NewClient(connection)
	if err != nil {
		return fmt.Errorf("log in to the partner: %w", err)
	}
	defer session.Close()
	d := sendDemo{demo: demo{cloud: cloud, out: out}, partner: session, program: filepath.Join(root, "bin", "sync-files"), film: make([]byte, largeSize)}
	_, _ = rand.NewChaCha8([32]byte{}).Read(d.film)
	return d.tell(ctx, d.checkPartner, d.uploadFiles, d.watchArrival, d.showFailure, d.sendAgain, d.compareFilm)
}

// checkPartner shows what is known of the partner's server before anything is sent to it.
func (d sendDemo) checkPartner(ctx context.Context) error {
	d.title("Which host keys does the partner's server show?")
	if err := d.run(ctx, "check", "--host", d.cloud.Partner.Host, "--port", strconv.Itoa(d.cloud.Partner.Port)); err != nil {
		return err
	}
	if err := d.partner.Mkdir(d.path(blocked)); err != nil {
		return fmt.Errorf("mkdir: %w", err)
	}
	d.print("\nThe partner has a directory where a file will be:\nsftp> mkdir %s", d.path(blocked))
	return nil
}

// path returns the path of a file on the partner's server.
func (d sendDemo) path(name string) string { return d.cloud.Partner.Directory + "/" + name }

// run runs the command line as a person does, and prints what it prints.
func (d sendDemo) run(ctx context.Context, args ...string) error {
	d.print("$ sync-files %s\n ", strings.Join(args, " "))
	cmd := exec.CommandContext(ctx, d.program, args...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "AWS_") || strings.HasPrefix(variable, "SSH_")
	})
	for _, value := range d.cloud.Exports() {
		cmd.Env = append(cmd.Env, value.Name+"="+value.Value)
	}
	var text bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &text
	err := cmd.Run()
	d.print("%s", text.String())
	if err != nil {
		return fmt.Errorf("sync-files %s: %w", strings.Join(args, " "), err)
	}
	return nil
}

func (d sendDemo) uploadFiles(ctx context.Context) error {
	d.title("Files are uploaded to s3://%s/%s", local.SourceBucket, local.SourcePrefix)
	if err := d.upload(ctx, large, d.film); err != nil {
		return err
	}
	for _, name := range sendNames {
		content := []byte("This is " + name + ".\n")
		if name == "empty.txt" {
			content = nil
		}
		if err := d.upload(ctx, name, content); err != nil {
			return err
		}
	}
	d.print("\nEach upload starts a run; one sends, and the others leave their work to it.")
	return nil
}

func (d sendDemo) upload(ctx context.Context, name string, content []byte) error {
	_, err := s3.NewFromConfig(d.cloud.AWS()).PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(local.SourceBucket), Key: aws.String(local.SourcePrefix + name), Body: bytes.NewReader(content),
	})
	if err != nil {
		return fmt.Errorf("upload %s: %w", name, err)
	}
	d.print("✓ %s (%s)", name, bytesize.Format(int64(len(content))))
	return nil
}

// watchArrival prints each file as it appears on the partner's server, until all runs have ended.
func (d sendDemo) watchArrival(ctx context.Context) error {
	d.title("They arrive on the partner's server, over SFTP")
	ctx, cancel := context.WithTimeoutCause(ctx, runTimeout, errors.New("the files do not arrive; `make logs` says where to look"))
	defer cancel()
	seen, written := map[string]bool{}, int64(0)
	workflow := awssfn.NewWorkflow(d.cloud.AWS(), d.cloud.Outputs.StateMachineArn)
	return poll(ctx, func() (bool, error) {
		walker := d.partner.Walk(d.cloud.Partner.Directory)
		for walker.Step() {
			info := walker.Stat()
			if walker.Err() != nil || info.IsDir() || seen[walker.Path()] {
				continue // A file may have got its name since it was listed.
			}
			name := strings.TrimPrefix(walker.Path(), d.path(""))
			switch {
			case strings.HasSuffix(name, ".part") && info.Size() >= written+20<<20:
				written = info.Size()
				d.print("… %s (%s)", name, bytesize.Format(written))
			case !strings.HasSuffix(name, ".part"):
				seen[walker.Path()] = true
				d.print("✓ %s (%s)", name, bytesize.Format(info.Size()))
			}
		}
		executions, err := workflow.Latest(ctx, 100, nil)
		running := slices.ContainsFunc(executions, func(e run.Execution) bool { return !e.Ended() })
		return len(seen) == len(sendNames) && len(executions) > 0 && !running, err // All but one, and the large one.
	})
}

func (d sendDemo) showFailure(ctx context.Context) error {
	d.title("One could not be sent")
	if err := d.run(ctx, "send", "report", "--day", "today"); err != nil {
		return err
	}
	mails, err := d.cloud.ReceiveMails(ctx)
	if err != nil {
		return err
	}
	if len(mails) != 1 {
		return fmt.Errorf("there are %d mails, not one", len(mails))
	}
	d.print("\nA mail says why, and what to do:\n ")
	for line := range strings.Lines("Subject: " + mails[0].Subject + "\n\n" + strings.TrimSpace(mails[0].Message)) {
		d.print("│ %s", line)
	}
	return nil
}

func (d sendDemo) sendAgain(ctx context.Context) error {
	d.title("The partner removes the directory, and it is sent again")
	if err := d.partner.RemoveDirectory(d.path(blocked)); err != nil {
		return fmt.Errorf("rmdir: %w", err)
	}
	d.print("sftp> rmdir %s\n ", d.path(blocked))
	page := filepath.Join(filepath.Dir(d.cloud.Logs), "report.html")
	for _, args := range [][]string{{"send", "retry"}, {"send", "status"}, {"send", "report", "--html", page}} {
		if err := d.run(ctx, args...); err != nil {
			return err
		}
		d.print(" ")
	}
	return nil
}

// compareFilm reads the large file back.
func (d sendDemo) compareFilm(ctx context.Context) error {
	d.title("What arrived is what was uploaded")
	file, err := d.partner.Open(d.path(large))
	if err != nil {
		return fmt.Errorf("open %s: %w", large, err)
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := file.WriteTo(hash); err != nil {
		return fmt.Errorf("read %s: %w", large, err)
	}
	if sum := sha256.Sum256(d.film); !bytes.Equal(hash.Sum(nil), sum[:]) {
		return fmt.Errorf("%s is another file on the server", large)
	}
	listed, err := s3.NewFromConfig(d.cloud.AWS()).ListObjectsV2(ctx, &s3.ListObjectsV2Input{
		Bucket: aws.String(local.SourceBucket), Prefix: aws.String(local.SourcePrefix),
	})
	if err != nil {
		return err
	}
	if len(listed.Contents) > 0 {
		return fmt.Errorf("%d objects are still in the bucket", len(listed.Contents))
	}
	d.print("✓ %s has the SHA-256 %x\n✓ nothing waits in the bucket", large, hash.Sum(nil))
	return nil
}
