package main

import (
	"context"
	"os"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/middleware"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/adapter/awscfn"
	"github.com/digipres/sync-users/shared/adapter/awsiam"
	"github.com/digipres/sync-users/shared/adapter/awss3"
	"github.com/digipres/sync-users/shared/adapter/awssfn"
	"github.com/digipres/sync-users/shared/adapter/awsssm"
	"github.com/digipres/sync-users/shared/adapter/sftpgo"
	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/settings"
)

// connect leads to the real ones.
func connect(f *flags) connections {
	var once sync.Once
	var cfg aws.Config
	var err error
	configure := func(ctx context.Context) (aws.Config, error) {
		once.Do(func() { cfg, err = f.configure(ctx) })
		return cfg, err
	}
	return connections{
		account: func(ctx context.Context) (awsAccount, error) {
			cfg, err := configure(ctx)
			if err != nil {
				return awsAccount{}, err
			}
			return awsAccount{
				region:     cfg.Region,
				whoAmI:     func(ctx context.Context) (awsapi.Caller, error) { return awsapi.CallerIdentity(ctx, cfg) },
				directory:  awsiam.NewDirectory(cfg),
				buckets:    awss3.NewBuckets(cfg),
				accessKeys: awsiam.NewAccessKeys(cfg),
			}, nil
		},
		server: func(ctx context.Context) (sftpgoServer, error) {
			cfg, err := configure(ctx)
			if err != nil {
				return sftpgoServer{}, err
			}
			return f.sftpgo.open(ctx, awsssm.NewParameters(cfg), os.Environ())
		},
		deployment: func(ctx context.Context) (*deployment, error) {
			cfg, err := configure(ctx)
			if err != nil {
				return nil, err
			}
			return openDeployment(ctx, cfg, f.stack)
		},
	}
}

// configure finds AWS as every AWS tool does, with the flags before the
// environment.
func (f *flags) configure(ctx context.Context) (aws.Config, error) {
	options := []func(*config.LoadOptions) error{
		config.WithAPIOptions([]func(*middleware.Stack) error{traceAWS}),
	}
	if f.profile != "" {
		options = append(options, config.WithSharedConfigProfile(f.profile))
	}
	if f.region != "" {
		options = append(options, config.WithRegion(f.region))
	}
	cfg, err := awsapi.Config(ctx, options...)
	switch {
	case errkind.Of(err) == errkind.AccessDenied && strings.Contains(err.Error(), "IMDS"):
		// The SDK's last resort, on which nobody counts: nothing was found.
		err = mended(errkind.Errorf(errkind.AccessDenied, "no AWS credentials were found"), findCredentials)
	case errkind.Of(err) == errkind.AccessDenied:
		err = mended(err, findCredentials)
	case err != nil:
		err = mended(err, "Check AWS_PROFILE or --profile, and AWS_REGION or --region; `aws configure list` shows what is set.")
	}
	return cfg, err
}

const findCredentials = "Name a profile with --profile or AWS_PROFILE, log in with `aws sso login`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."

// open reads the settings of SFTPGo's connection and follows their references.
func (f sftpgoFlags) open(ctx context.Context, parameters awsssm.Parameters, environment []string) (sftpgoServer, error) {
	environment, err := f.over(environment)
	if err != nil {
		return sftpgoServer{}, err
	}
	s, err := settings.Read[settings.SyncUser](environment)
	if err != nil {
		return sftpgoServer{}, mended(err, setSFTPGo)
	}
	connection, err := s.SFTPGo.Resolve(ctx, parameters)
	if err != nil {
		return sftpgoServer{}, err
	}
	client, err := sftpgo.New(sftpgo.Config{
		Host:        connection.Host,
		Credentials: sftpgo.CredentialsFrom(connection),
		HTTPClient:  tracer(ctx),
	})
	if err != nil {
		return sftpgoServer{}, mended(err, setSFTPGo)
	}
	return sftpgoServer{
		host:  connection.Host,
		admin: client,
		syncer: account.Syncer{
			Accounts: client, FolderReader: client, FolderWriter: client,
			Keys:       awsssm.NewKeys(parameters, s.AccessKeyPrefix, s.SecretKeyPrefix),
			S3Endpoint: s.S3Endpoint,
		},
	}, nil
}

const setSFTPGo = "Set SFTPGO_HOST, and SFTPGO_USERNAME and SFTPGO_PASSWORD or SFTPGO_API_KEY, or their flags; a value may be a reference such as ssm:/sftpgo/password."

// openDeployment reads the outputs of the deployment's CloudFormation stack. It
// returns awscfn.ErrNoStack if there is none.
func openDeployment(ctx context.Context, cfg aws.Config, name string) (*deployment, error) {
	outputs, err := awscfn.ReadOutputs(ctx, cfg, name)
	if err != nil {
		return nil, err
	}
	machine := awssfn.NewWorkflow(cfg, outputs.StateMachineARN)
	return &deployment{
		workflow:   machine,
		watch:      machine,
		trigger:    awss3.NewTrigger(cfg, outputs.ManagedBucket),
		runsBucket: outputs.RunsBucket,
		runs:       awss3.NewRuns(cfg, outputs.RunsBucket),
		turns:      awss3.NewLockStore(cfg, outputs.RunsBucket),
		executions: awssfn.NewExecutions(cfg),
	}, nil
}
