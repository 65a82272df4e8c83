package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/digipres/sync-users/shared/adapter/awscfn"
	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/stack"
)

// memberships tries to read who there is, and gives the usernames of those who
// should have keys.
func (c *checkup) memberships(ctx context.Context, account awsAccount) (eligible []string) {
	const section = "AWS"
	c.may(section, "IAM users", func() (string, error) {
		members, err := account.directory.IAMUsers(ctx)
		for _, m := range members {
			if isEligible(m) {
				eligible = append(eligible, m.Username)
			}
		}
		return fmt.Sprintf("%s, %d with an Email tag and a stack group", users(len(members)), len(eligible)), err
	}, "iam:GetAccountAuthorizationDetails on *")
	c.may(section, "buckets", func() (string, error) {
		buckets, err := account.buckets.Buckets(ctx, func(name string) bool {
			_, ok := stack.OfBucket(name)
			return ok
		})
		return fmt.Sprintf("%d of stacks", len(buckets)), err
	}, "s3:ListAllMyBuckets and s3:GetBucketLocation on *")
	if len(eligible) > 0 {
		c.may(section, "access keys", func() (string, error) {
			_, err := account.accessKeys.AccessKeys(ctx, eligible[0])
			return "those of " + eligible[0] + " can be listed", err
		}, "iam:ListAccessKeys on *, which only `sync-users explain` needs")
	}
	return eligible
}

func isEligible(m discover.IAMUser) bool {
	return strings.TrimSpace(m.Email) != "" && len(stack.OfGroups(m.Groups)) > 0
}

// deployed tries the deployed stack.
func (c *checkup) deployed(ctx context.Context) {
	const section = "Deployment"
	name := c.app.flags.stack
	d, err := c.app.deployment(ctx)
	if errors.Is(err, awscfn.ErrNoStack) {
		c.skip(section, "stack", fmt.Sprintf("no stack %q is deployed here, so only plan, sync and explain work", name))
		return
	}
	c.may(section, "stack", func() (string, error) { return name, err }, "cloudformation:DescribeStacks")
	if err != nil {
		return
	}
	c.may(section, "state machine", func() (string, error) { return "runs can be started", d.workflow.CheckActive(ctx) },
		"states:DescribeStateMachine, and states:StartExecution to start runs")
	c.may(section, "runs", func() (string, error) {
		runs, err := d.past(ctx, sample)
		return fmt.Sprintf("the latest %d can be read", len(runs)), err
	}, "states:ListExecutions, DescribeExecution, ListMapRuns and DescribeMapRun, and s3:ListBucket and s3:GetObject on the runs bucket; to sync from here, s3:PutObject on it too")
	c.try(section, "TRIGGER", func() (string, error) { return "EventBridge hears of its upload", d.trigger.EventBridgeEnabled(ctx) },
		"Turn on the managed bucket's notifications to EventBridge; reading them needs s3:GetBucketNotification.")
}
