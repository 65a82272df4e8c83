package local

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
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
	exports: func(_ *Addresses, d *Deployment) []Value {
		return []Value{
			{"SEND_SOURCE_BUCKET", SourceBucket},
			{"SEND_PREFIX", SourcePrefix},
			{"SEND_STATE_MACHINE_ARN", d.Outputs.StateMachineArn},
			{"SEND_RUNS_BUCKET", d.Outputs.RunsBucketName},
			{"SEND_TOPIC_ARN", d.Outputs.TopicArn},
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
