// Command send-file is the Lambda that sends one object to a partner's SFTP server.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/digipres/sync-users/shared/adapter/awss3"
	"github.com/digipres/sync-users/shared/adapter/awssecretsmanager"
	"github.com/digipres/sync-users/shared/adapter/awsssm"
	"github.com/digipres/sync-users/shared/adapter/sftp"
	"github.com/digipres/sync-users/shared/domain/rangecopy"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/shared/function"
	"github.com/digipres/sync-users/shared/settings"
)

func main() { function.Start(newHandler) }

func newHandler(_ context.Context, cfg aws.Config, s settings.SendFile) (sendfile.Function, error) {
	options, err := s.Options()
	secrets := settings.Resolvers{awsssm.NewParameters(cfg), awssecretsmanager.NewSecrets(cfg)}
	client := sftp.New(s.SFTP, secrets, awss3.NewTexts(cfg))
	return sendfile.Function{Sender: sendfile.Sender{Options: options, Copier: rangecopy.Default, Now: time.Now,
		Source: awss3.NewSource(cfg), SourceWriter: awss3.NewSourceWriter(cfg), Records: awss3.NewSentRecords(cfg, s.RunsBucket),
		Server: client, Files: client, Renamer: client, Opener: client}}, err
}
