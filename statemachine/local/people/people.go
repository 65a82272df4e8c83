// Package people fills a laptop cloud with the people, stacks and accounts
// that tests and the demo are about, by the same public APIs that an
// institution's own tools would use.
package people

import (
	"context"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// Person is an IAM user to be.
type Person struct {
	Username string
	// Email is the tag's value; NoTag leaves the tag out altogether.
	Email string
	NoTag bool
	// Groups are made where they don't exist.
	Groups []string
	// Password is that of the SFTPGo account; empty for one that can't log in.
	Password string
	// NoAccount makes no SFTPGo account, NoKeys puts no keys into Parameter Store.
	NoAccount bool
	NoKeys    bool
}

// Town is where people live: an AWS account and an SFTPGo server.
type Town struct {
	SFTPGo *SFTPGo

	region string
	iam    *iam.Client
	s3     *s3.Client
	ssm    *ssm.Client

	buckets []string // those made here
	groups  sync.Mutex
}

// NewTown uses the AWS account that the configuration leads to.
func NewTown(cfg aws.Config, sftpgo *SFTPGo) *Town {
	return &Town{
		SFTPGo: sftpgo,
		region: cfg.Region,
		iam:    iam.NewFromConfig(cfg),
		s3:     s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }),
		ssm:    ssm.NewFromConfig(cfg),
	}
}

// AddBuckets makes buckets in the account's region.
func (t *Town) AddBuckets(ctx context.Context, names ...string) error {
	for _, name := range names {
		input := &s3.CreateBucketInput{Bucket: &name}
		if t.region != "us-east-1" {
			input.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{
				LocationConstraint: s3types.BucketLocationConstraint(t.region),
			}
		}
		if _, err := t.s3.CreateBucket(ctx, input); err != nil {
			return fmt.Errorf("make bucket %s: %w", name, err)
		}
		t.buckets = append(t.buckets, name)
	}
	return nil
}

// Add makes a person: IAM user with tag and groups, keys in Parameter Store,
// SFTPGo account.
func (t *Town) Add(ctx context.Context, p Person) error {
	if _, err := t.iam.CreateUser(ctx, &iam.CreateUserInput{UserName: &p.Username}); err != nil {
		return fmt.Errorf("make IAM user %s: %w", p.Username, err)
	}
	if !p.NoTag {
		if err := t.Tag(ctx, p.Username, p.Email); err != nil {
			return err
		}
	}
	for _, group := range p.Groups {
		if err := t.Join(ctx, p.Username, group); err != nil {
			return err
		}
	}
	if !p.NoKeys {
		if _, err := t.RotateKeys(ctx, p.Username); err != nil {
			return err
		}
	}
	if p.NoAccount || p.Email == "" {
		return nil
	}
	return t.SFTPGo.AddUser(ctx, p.Email, p.Password)
}

// Tag sets the Email tag of an IAM user.
func (t *Town) Tag(ctx context.Context, username, email string) error {
	_, err := t.iam.TagUser(ctx, &iam.TagUserInput{
		UserName: &username,
		Tags:     []iamtypes.Tag{{Key: aws.String("Email"), Value: &email}},
	})
	if err != nil {
		return fmt.Errorf("tag IAM user %s: %w", username, err)
	}
	return nil
}

// RotateKeys gives an IAM user a new access key in place of any old one, puts
// it into Parameter Store, and returns its id.
func (t *Town) RotateKeys(ctx context.Context, username string) (id string, err error) {
	if err := t.dropAccessKeys(ctx, username); err != nil {
		return "", err
	}
	made, err := t.iam.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: &username})
	if err != nil {
		return "", fmt.Errorf("make an access key for %s: %w", username, err)
	}
	id = *made.AccessKey.AccessKeyId
	return id, t.StoreKeys(ctx, username, id, *made.AccessKey.SecretAccessKey)
}

// StoreKeys puts keys into Parameter Store for an IAM user.
func (t *Town) StoreKeys(ctx context.Context, username, id, secret string) error {
	for _, p := range []struct {
		name, value string
		kind        ssmtypes.ParameterType
	}{
		{"/iam/access_key/" + username, id, ssmtypes.ParameterTypeString},
		{"/iam/secret_key/" + username, secret, ssmtypes.ParameterTypeSecureString},
	} {
		_, err := t.ssm.PutParameter(ctx, &ssm.PutParameterInput{Name: &p.name, Value: &p.value, Type: p.kind, Overwrite: aws.Bool(true)})
		if err != nil {
			return fmt.Errorf("put parameter %s: %w", p.name, err)
		}
	}
	return nil
}

// DropKeys takes an IAM user's keys out of Parameter Store.
func (t *Town) DropKeys(ctx context.Context, username string) error {
	_, err := t.ssm.DeleteParameters(ctx, &ssm.DeleteParametersInput{
		Names: []string{"/iam/access_key/" + username, "/iam/secret_key/" + username},
	})
	return err
}

// Empty takes every person, group, account and folder away, and the buckets
// that were made here: the town is as it was before anybody came.
func (t *Town) Empty(ctx context.Context) error {
	for _, step := range []func(context.Context) error{t.dropUsers, t.dropGroups, t.SFTPGo.empty, t.dropBuckets} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}
