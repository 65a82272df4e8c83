package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/digipres/sync-users/statemachine/local"
)

// env prints the exports with which other programs use the cloud.
func env(_ context.Context, root string, out io.Writer) error {
	a, err := local.Find(root, name)
	if err != nil {
		return fmt.Errorf("%w: run `make up`", err)
	}
	for _, variable := range [][2]string{
		{"AWS_ENDPOINT_URL", a.Endpoint},
		{"AWS_ACCESS_KEY_ID", local.AccessKeyID},
		{"AWS_SECRET_ACCESS_KEY", local.SecretAccessKey},
		{"AWS_REGION", local.Region},
		{"AWS_DEFAULT_REGION", local.Region},
		{"SFTPGO_HOST", a.SFTPGoURL},
		{"SFTPGO_USERNAME", a.SFTPGoUsername},
		{"SFTPGO_PASSWORD", a.SFTPGoPassword},
		{"SFTPGO_S3_ENDPOINT", a.Endpoint},
		{"SFTP_PORT", strconv.Itoa(a.SFTPPort)},
		{"STATE_MACHINE_ARN", a.Outputs.StateMachineArn},
		{"RUNS_BUCKET", a.Outputs.RunsBucketName},
		{"MANAGED_BUCKET", a.Outputs.ManagedBucketName},
		{"TOPIC_ARN", a.Outputs.TopicArn},
	} {
		fmt.Fprintf(out, "export %s=%s\n", variable[0], quote(variable[1]))
	}
	// A profile or a session of another account would take precedence over the keys.
	_, err = fmt.Fprintln(out, "unset AWS_PROFILE AWS_SESSION_TOKEN")
	return err
}

// quote returns a value as one word of any shell.
func quote(value string) string {
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
