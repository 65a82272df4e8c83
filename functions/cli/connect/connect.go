// Package connect opens what commands work with: AWS, SFTPGo, and the deployed
// CloudFormation stack.
package connect

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Flags say where to connect to. They take precedence over the environment.
type Flags struct {
	Profile, Region     string
	CloudFormationStack string
	SFTPGo              SFTPGoFlags
}

// Connections opens connections when a command asks for them, so that no command
// needs settings that it does not use.
type Connections interface {
	AWS(context.Context) (AWS, error)
	SFTPGo(context.Context) (SFTPGo, error)
	// Deployment returns awscfn.ErrNoStack if nothing is deployed.
	Deployment(context.Context) (*Deployment, error)
}

// New returns connections to AWS and SFTPGo.
func New(flags *Flags) Connections { return &connections{flags: flags} }

// connections share one AWS configuration, and so its credentials.
type connections struct {
	flags *Flags
	once  sync.Once
	cfg   aws.Config
	err   error
}

func (c *connections) config(ctx context.Context) (aws.Config, error) {
	c.once.Do(func() { c.cfg, c.err = c.flags.loadAWSConfig(ctx) })
	return c.cfg, c.err
}
