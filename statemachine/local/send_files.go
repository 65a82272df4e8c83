package local

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/digipres/sync-users/statemachine/local/partner"
)

const (
	// SendFiles is the system that sends files to a partner.
	SendFiles = "send-files"
	// SourceBucket and SourcePrefix are where the objects are that it sends.
	SourceBucket = "partner-outgoing"
	SourcePrefix = "outgoing/"
	// partnerPasswordParameter is the deployment's default reference to the password.
	partnerPasswordParameter = "/send-files/password"
)

// Partner is how to log in to the partner's SFTP server.
type Partner struct {
	Host               string
	Port               int
	Username, Password string
	// Directory is where files are sent to.
	Directory string
	// HostKeys are the server's, separated by semicolons.
	HostKeys string
}

var sendFiles = system{
	name:    SendFiles,
	stack:   "send-files",
	mailbox: "send-files-mailbox",
	listen:  (*Cloud).createPartner,
	start:   (*Cloud).startPartner,
	settings: func(c *Cloud) map[string]string {
		return map[string]string{
			"system":       SendFiles,
			"sourceBucket": SourceBucket,
			"sourcePrefix": SourcePrefix,
			"sshHost":      c.Partner.Host,
			"sshPort":      strconv.Itoa(c.Partner.Port),
			"sshUsername":  c.Partner.Username,
			"sshHostKeys":  c.Partner.HostKeys,
			"directory":    c.Partner.Directory,
		}
	},
	seed: func(c *Cloud, ctx context.Context) error {
		if err := c.createManagedBucket(ctx, SourceBucket); err != nil {
			return err
		}
		_, err := ssm.NewFromConfig(c.AWS()).PutParameter(ctx, &ssm.PutParameterInput{
			Name: aws.String(partnerPasswordParameter), Value: &c.Partner.Password, Type: ssmtypes.ParameterTypeSecureString,
		})
		if err != nil {
			return fmt.Errorf("put parameter %s: %w", partnerPasswordParameter, err)
		}
		c.report("bucket %s and parameter %s are created", SourceBucket, partnerPasswordParameter)
		return nil
	},
	exports: func(a *Addresses, d *Deployment) []Value {
		return []Value{
			{"SEND_SOURCE_BUCKET", SourceBucket},
			{"SEND_PREFIX", SourcePrefix},
			{"SEND_STATE_MACHINE_ARN", d.Outputs.StateMachineArn},
			{"SEND_RUNS_BUCKET", d.Outputs.RunsBucketName},
			{"SEND_TOPIC_ARN", d.Outputs.TopicArn},
			{"PARTNER_SFTP_HOST", a.Partner.Host},
			{"PARTNER_SFTP_PORT", strconv.Itoa(a.Partner.Port)},
			{"PARTNER_SFTP_USERNAME", a.Partner.Username},
			{"PARTNER_SFTP_PASSWORD", a.Partner.Password},
			{"PARTNER_DIRECTORY", a.Partner.Directory},
			{"PARTNER_SFTP_HOST_KEYS", a.Partner.HostKeys},
		}
	},
	summary: func(a *Addresses, d *Deployment) []Value {
		return []Value{
			{"send-files", d.Outputs.StateMachineArn},
			{"  sends", "s3://" + SourceBucket + "/" + SourcePrefix},
			{"  to", fmt.Sprintf("%s port %d, %s of %s", a.Partner.Host, a.Partner.Port, a.Partner.Directory, a.Partner.Username)},
		}
	},
}

func (c *Cloud) createPartner() error {
	folder := filepath.Join(c.folder, "partner")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	server, err := partner.New(partner.Config{
		Binary: c.artifacts.sftpgo(), Folder: folder, Log: c.logPath("partner"), ErrorLog: c.log,
	})
	if err != nil {
		return err
	}
	c.PartnerSFTP = server
	c.add(part{name: "partner", stop: server.Stop, done: server.Done})
	c.Partner = Partner{
		Host: "127.0.0.1", Port: server.Port(), Username: partner.Username, Password: server.Password, Directory: partner.Directory, HostKeys: server.HostKeys,
	}
	return nil
}

func (c *Cloud) startPartner(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := c.PartnerSFTP.Start(ctx); err != nil {
		return c.startError("partner", err)
	}
	c.report("the partner's SFTP server is up")
	return nil
}
