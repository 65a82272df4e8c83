package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/digipres/sync-users/shared/adapter/awscfn"
)

// deployed is the deployed stack, for a command that can't do without.
func (a *app) deployed(ctx context.Context) (*deployment, error) {
	d, err := a.deployment(ctx)
	if errors.Is(err, awscfn.ErrNoStack) {
		return nil, mended(fmt.Errorf("no CloudFormation stack %q is deployed in this account and region", a.flags.stack),
			"Check --profile and --region, name the stack with --stack-name, or deploy it with `cdk deploy`.")
	}
	return d, err
}
