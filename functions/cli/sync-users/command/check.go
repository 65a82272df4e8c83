package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/finding"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/sync-users/view"
	"github.com/digipres/sync-users/shared/adapter/awscfn"
	"github.com/digipres/sync-users/shared/adapter/sftpgo"
	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/stack"
)

type checkOptions struct {
	*program.Environment
}

func newCheckCommand(env *program.Environment) *cobra.Command {
	opts := checkOptions{Environment: env}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Try whether all this can work from here",
		Long: `Tries everything that the other commands need, by reading: the AWS credentials and
permissions, SFTPGo and what its administrator may do, where the keys are, and the
deployed CloudFormation stack. Each line is ✓, or ✗ with what to do about it.
Nothing is written.

The exit code is 1 when something failed. That nothing is deployed is no failure.`,
		Example: `  sync-users check
  sync-users check --profile production --output json`,
		Args: program.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runCheck(cmd.Context(), opts) },
	}
	env.AddStackFlag(cmd, stackName)
	env.Flags.SFTPGo.Add(cmd.Flags())
	return cmd
}

func runCheck(ctx context.Context, opts checkOptions) error {
	var findings finding.List
	check(ctx, opts, &findings)
	foot := console.Good.Text("Everything that was tried works.")
	failures := findings.Failures()
	if failures > 0 {
		foot = console.Bad.Text(fmt.Sprintf("Not everything works: see the %d ✗.", failures))
	}
	err := opts.Console.Show(console.Page{
		Tables: findings.Tables(), Foot: []console.Span{foot}, CSV: findings.CSV(), JSON: findings,
	})
	if err == nil && failures > 0 {
		return program.Failure
	}
	return err
}

const (
	awsSection        = "AWS"
	sftpgoSection     = "SFTPGo"
	keysSection       = "Keys"
	deploymentSection = "Deployment"
)

func check(ctx context.Context, opts checkOptions, l *finding.List) {
	account, err := opts.Account(ctx)
	ok := l.Try(finding.Check{
		Section: awsSection, Item: "credentials",
		Run: func() (string, error) {
			if err != nil {
				return "", err
			}
			caller, err := account.Caller(ctx)
			return caller.ARN + " in " + account.Region, err
		},
		Hint: "Set AWS_PROFILE or --profile, or log in anew; set the region with AWS_REGION or --region.",
	})
	if !ok {
		l.Skip(sftpgoSection, "server", "not tried without AWS credentials", "")
		l.Skip(deploymentSection, "stack", "not tried without AWS credentials", "")
		return
	}
	eligible := checkAccount(ctx, account, l)
	checkServer(ctx, opts, eligible, l)
	checkDeployment(ctx, opts, l)
}

// checkAccount returns the usernames of the users who should have keys.
func checkAccount(ctx context.Context, account connect.Account, l *finding.List) (eligible []string) {
	l.Try(finding.Check{
		Section: awsSection, Item: "IAM users",
		Run: func() (string, error) {
			users, err := account.Directory.IAMUsers(ctx)
			for _, user := range users {
				if isEligible(user) {
					eligible = append(eligible, user.Username)
				}
			}
			return fmt.Sprintf("%s, %d with an Email tag and a stack group", view.Count(len(users), "user"), len(eligible)), err
		},
		Permissions: "iam:GetAccountAuthorizationDetails on *",
	})
	l.Try(finding.Check{
		Section: awsSection, Item: "buckets",
		Run: func() (string, error) {
			buckets, err := account.Buckets.Buckets(ctx, func(name string) bool {
				_, ok := stack.OfBucket(name)
				return ok
			})
			return fmt.Sprintf("%d of stacks", len(buckets)), err
		},
		Permissions: "s3:ListAllMyBuckets and s3:GetBucketLocation on *",
	})
	if len(eligible) > 0 {
		l.Try(finding.Check{
			Section: awsSection, Item: "access keys",
			Run: func() (string, error) {
				_, err := account.AccessKeys.AccessKeys(ctx, eligible[0])
				return "those of " + eligible[0] + " can be listed", err
			},
			Permissions: "iam:ListAccessKeys on *, which only `sync-users explain` needs",
		})
	}
	return eligible
}

func isEligible(user discover.IAMUser) bool {
	return strings.TrimSpace(user.Email) != "" && len(stack.OfGroups(user.Groups)) > 0
}

func checkServer(ctx context.Context, opts checkOptions, eligible []string, l *finding.List) {
	server, err := opts.Server(ctx)
	ok := l.Try(finding.Check{
		Section: sftpgoSection, Item: "server",
		Run: func() (string, error) {
			if err != nil {
				return "", err
			}
			version, err := server.Admin.Version(ctx)
			return "version " + version + " at " + server.Host, err
		},
		Hint: "Check SFTPGO_HOST, and SFTPGO_USERNAME and SFTPGO_PASSWORD or SFTPGO_API_KEY.",
	})
	if !ok {
		return
	}
	for _, permission := range sftpgo.RequiredPermissions() {
		l.Try(finding.Check{
			Section: sftpgoSection, Item: permission,
			Run:  func() (string, error) { return "the administrator may", server.Admin.CheckPermission(ctx, permission) },
			Hint: "Give the administrator this permission in SFTPGo.",
		})
	}
	if len(eligible) == 0 {
		l.Skip(keysSection, "Parameter Store", "not tried, because no user has an Email tag and a stack group", "")
		return
	}
	l.Try(finding.Check{
		Section: keysSection, Item: "Parameter Store",
		Run: func() (string, error) {
			username, err := tryKeys(ctx, server.Syncer.Keys, eligible)
			return "the keys of " + username + " can be read", err
		},
		Permissions: "ssm:GetParameters on the keys, and kms:Decrypt where they have a KMS key of their own",
	})
}

func checkDeployment(ctx context.Context, opts checkOptions, l *finding.List) {
	name := opts.Flags.CloudFormationStack
	d, err := opts.Deployment(ctx)
	if errors.Is(err, awscfn.ErrNoStack) {
		l.Skip(deploymentSection, "stack", fmt.Sprintf("no CloudFormation stack %q is deployed here, so only plan, sync and explain work", name), "")
		return
	}
	ok := l.Try(finding.Check{
		Section: deploymentSection, Item: "stack",
		Run:         func() (string, error) { return name, err },
		Permissions: "cloudformation:DescribeStacks",
	})
	if !ok {
		return
	}
	l.Try(finding.Check{
		Section: deploymentSection, Item: "state machine",
		Run:         func() (string, error) { return "runs can be started", d.StateMachine.CheckActive(ctx) },
		Permissions: "states:DescribeStateMachine, and states:StartExecution to start runs",
	})
	l.Try(finding.Check{
		Section: deploymentSection, Item: "runs",
		Run: func() (string, error) {
			latest, err := d.History.Latest(ctx, sampleSize)
			return fmt.Sprintf("the latest %d can be read", len(latest)), err
		},
		Permissions: "states:ListExecutions, DescribeExecution, ListMapRuns and DescribeMapRun, and s3:ListBucket and s3:GetObject on the runs bucket; to sync from here, s3:PutObject on it too",
	})
	l.Try(finding.Check{
		Section: deploymentSection, Item: "TRIGGER",
		Run: func() (string, error) {
			return "EventBridge is notified of its upload", d.Trigger.EventBridgeEnabled(ctx)
		},
		Hint: "Turn on the managed bucket's notifications to EventBridge; reading them needs s3:GetBucketNotification.",
	})
}
