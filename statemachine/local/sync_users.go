package local

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

const (
	// SyncUsers is the system that syncs the accounts of SFTPGo.
	SyncUsers = "sync-users"
	// ManagedBucket is its managed bucket.
	ManagedBucket = "digipres-dev1-managed"
	// passwordParameter is the deployment's default reference to SFTPGo's password.
	passwordParameter = "/sftpgo/password"
)

var syncUsers = system{
	name:    SyncUsers,
	stack:   "sync-users",
	mailbox: "mailbox",
	listen:  (*Cloud).createSFTPGo,
	start:   (*Cloud).startSFTPGo,
	settings: func(c *Cloud) map[string]string {
		return map[string]string{
			"managedBucket":  ManagedBucket,
			"sftpgoHost":     c.SFTPGoURL,
			"sftpgoUsername": c.SFTPGoUsername,
			"s3Endpoint":     c.Endpoint,
		}
	},
	seed: func(c *Cloud, ctx context.Context) error {
		if err := c.createManagedBucket(ctx, ManagedBucket); err != nil {
			return err
		}
		_, err := ssm.NewFromConfig(c.AWS()).PutParameter(ctx, &ssm.PutParameterInput{
			Name: aws.String(passwordParameter), Value: &c.SFTPGoPassword, Type: ssmtypes.ParameterTypeSecureString,
		})
		if err != nil {
			return fmt.Errorf("put parameter %s: %w", passwordParameter, err)
		}
		c.report("bucket %s and parameter %s are created", ManagedBucket, passwordParameter)
		return nil
	},
	exports: func(a *Addresses, d *Deployment) []Value {
		return []Value{
			{"SFTPGO_HOST", a.SFTPGoURL},
			{"SFTPGO_USERNAME", a.SFTPGoUsername},
			{"SFTPGO_PASSWORD", a.SFTPGoPassword},
			{"SFTPGO_S3_ENDPOINT", a.Endpoint},
			{"SFTP_PORT", strconv.Itoa(a.SFTPPort)},
			{"STATE_MACHINE_ARN", d.Outputs.StateMachineArn},
			{"RUNS_BUCKET", d.Outputs.RunsBucketName},
			{"MANAGED_BUCKET", d.Outputs.ManagedBucketName},
			{"TOPIC_ARN", d.Outputs.TopicArn},
		}
	},
	summary: func(a *Addresses, d *Deployment) []Value {
		return []Value{
			{"SFTPGo web admin", a.SFTPGoURL + "/web/admin"},
			{"  user, password", a.SFTPGoUsername + `, "$SFTPGO_PASSWORD" (see below)`},
			{"SFTP", fmt.Sprintf("127.0.0.1 port %d", a.SFTPPort)},
			{"state machine", d.Outputs.StateMachineArn},
			{"managed bucket", d.Outputs.ManagedBucketName},
		}
	},
}

func (c *Cloud) createSFTPGo() (err error) {
	c.SFTPGo, err = sftpgo.New(sftpgo.Config{
		Binary:   c.artifacts.sftpgo(),
		Folder:   c.sftpgoFolder(),
		Log:      c.logPath("sftpgo"),
		ErrorLog: c.log,
	})
	if err != nil {
		return err
	}
	c.add(part{name: "sftpgo", stop: c.SFTPGo.Stop, done: c.SFTPGo.Done})
	c.SFTPGoURL, c.SFTPGoUsername, c.SFTPGoPassword = c.SFTPGo.URL, c.SFTPGo.Username, c.SFTPGo.Password
	return nil
}

func (c *Cloud) startSFTPGo(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := c.SFTPGo.Start(ctx); err != nil {
		return c.startError("sftpgo", err)
	}
	c.SFTPPort = c.SFTPGo.SFTPAddress.Port
	c.report("SFTPGo is up")
	return nil
}

// createManagedBucket creates a bucket that is not the deployment's own and has to
// notify EventBridge.
func (c *Cloud) createManagedBucket(ctx context.Context, name string) error {
	buckets := s3.NewFromConfig(c.AWS())
	if _, err := buckets.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &name}); err != nil {
		return fmt.Errorf("create bucket %s: %w", name, err)
	}
	_, err := buckets.PutBucketNotificationConfiguration(ctx, &s3.PutBucketNotificationConfigurationInput{
		Bucket: &name,
		NotificationConfiguration: &s3types.NotificationConfiguration{
			EventBridgeConfiguration: &s3types.EventBridgeConfiguration{},
		},
	})
	if err != nil {
		return fmt.Errorf("have bucket %s notify EventBridge: %w", name, err)
	}
	return nil
}
